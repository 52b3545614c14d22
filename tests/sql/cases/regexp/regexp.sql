-- Regular expressions: Java's meaning of patterns and replacements.
-- case: rlike
SELECT 'abc' RLIKE 'b', 'abc' REGEXP '^b', regexp_like('abc', '^a.c$'), regexp('abc', '[x-z]'), 'a\nb' RLIKE 'a.b', 'a\nb' RLIKE '(?s)a.b', 'ABC' RLIKE '(?i)abc', NULL RLIKE 'a', 'a' RLIKE NULL, '' RLIKE '';
SELECT 'été' RLIKE '^\\w+$', 'été' RLIKE '(?U)^\\w+$', '١٢' RLIKE '\\d', 'a b' RLIKE '\\s', 'x1y' RLIKE '\\p{Digit}', 'É' RLIKE '\\p{Lu}', 'aa' RLIKE '(a)\\1', 'foobar' RLIKE 'foo(?=bar)', 'foobaz' RLIKE 'foo(?!bar)', 'price: 5' RLIKE '(?<=: )5';
SELECT 'aaa' RLIKE '^a{2,3}$', 'a.b' RLIKE 'a\\.b', 'a+b' RLIKE '\\Qa+b\\E', 'ab' RLIKE 'a\\Bb', 'tab\t' RLIKE '\\t$', 'x' RLIKE '[a-z&&[^aeiou]]', 'e' RLIKE '[a-z&&[^aeiou]]', 'a\r\n' RLIKE 'a$', 'a' RLIKE '\\x61', 'aXb' RLIKE 'a\\p{javaUpperCase}b', 'aaa' RLIKE 'a++a', 'a' RLIKE '\\h';
SELECT 'a' RLIKE '[';
SELECT 'a' RLIKE '(?<n>a)\\k<n>', 'aa' RLIKE '(?<n>a)\\k<n>', '😀' RLIKE '^.$', 'ab' RLIKE '^(?:a|ab)$', 'ſ' RLIKE '(?i)s', 'ſ' RLIKE '(?iu)s';

-- case: extract
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)', 1), regexp_extract('100-200', '(\\d+)-(\\d+)', 2), regexp_extract('100-200', '(\\d+)-(\\d+)'), regexp_extract('100-200', '(\\d+)-(\\d+)', 0), regexp_extract('abc', '(\\d+)', 1), regexp_extract('ab', '(a)|(b)', 2), regexp_extract(NULL, 'a', 0);
SELECT regexp_extract('a', '(a)', 2);
SELECT regexp_extract('a', 'a', 1);
SELECT regexp_extract('a', '(', 0);
SELECT regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)', 1), regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)'), regexp_extract_all('100-200', '(\\d+)-(\\d+)', 0), regexp_extract_all('abc', '\\d', 0);
SELECT regexp_substr('a1b22', '\\d+'), regexp_substr('abc', '\\d+'), regexp_count('a1b22', '\\d'), regexp_count('', 'x'), regexp_instr('user@spark', '@'), regexp_instr('abc', 'z'), regexp_instr('a1b2', '\\d', 1);

-- case: replace
SELECT regexp_replace('100-200', '(\\d+)', 'num'), regexp_replace('abc', 'b', '[$0]'), regexp_replace('a-b', '(\\w)-(\\w)', '$2-$1'), regexp_replace('aaa', 'a', 'b', 2), regexp_replace('abc', '', '-'), regexp_replace('a.b', '.', 'x'), regexp_replace('abc', 'z', 'y'), regexp_replace(NULL, 'a', 'b'), regexp_replace('x', 'x', '\\$1'), regexp_replace('John', '(?<first>J)', '${first}!');
SELECT regexp_replace('a', 'a', '$1');
SELECT regexp_replace('😀a', '', '|'), regexp_replace('  a  b ', '\\s+', ' '), regexp_replace('ABC', '(?i)b', 'x'), regexp_replace('aXbX', 'X$', ''), regexp_replace('path/to', '/', '\\\\');

-- case: split
SELECT split('oneAtwoBthreeC', '[ABC]'), split('oneAtwoBthreeC', '[ABC]', -1), split('oneAtwoBthreeC', '[ABC]', 2), split('a,b,,', ','), split('a,b,,', ',', 0), split('', ','), split('abc', ''), split('a1b', '(\\d)'), split('a|b', '|'), split('a|b', '\\|'), split(',a', ',');

-- case: over_a_column
SELECT x, x RLIKE p, regexp_extract(x, p, 0), regexp_replace(x, p, '#') FROM VALUES ('abc', 'b'), ('a1', '\\d'), (NULL, 'a'), ('z', NULL), ('aaa', 'a*') AS v(x, p);
