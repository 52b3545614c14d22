-- String functions over ordinary, empty, null and non-ASCII input.
-- setup
CREATE TEMPORARY VIEW s AS SELECT * FROM VALUES (1, 'Hello World'), (2, ''), (3, NULL), (4, '  pad  '), (5, 'héllo 😀 ß'), (6, 'a,b,,c') AS s(id, x);

-- case: over_a_column
SELECT id, length(x), char_length(x), octet_length(x), bit_length(x) FROM s;
SELECT id, upper(x), lower(x), ucase(x), lcase(x), initcap(x) FROM s;
SELECT id, trim(x), ltrim(x), rtrim(x), btrim(x) FROM s;
SELECT id, substring(x, 2, 3), substr(x, -3), substring(x, 0, 2), substring(x, 100), substring(x, -100, 101) FROM s;
SELECT id, reverse(x), repeat(x, 2), concat(x, '!'), concat_ws('-', x, 'z') FROM s;
SELECT id, left(x, 3), right(x, 3), lpad(x, 5, '*'), rpad(x, 12, 'xy') FROM s;
SELECT id, split(x, ','), split(x, ''), split(x, ' ', 2), split_part(x, ',', 2), substring_index(x, ',', 2) FROM s;
SELECT id, instr(x, 'l'), locate('l', x), locate('l', x, 4), position('o' IN x), charindex('W', x) FROM s;
SELECT id, instr(x, 'l'), locate('l', x), locate('l', x, 4), position('o' IN x) FROM s;
SELECT id, replace(x, 'l', 'L'), replace(x, 'l'), translate(x, 'lo', '01'), overlay(x PLACING '###' FROM 2 FOR 2) FROM s;
SELECT id, ascii(x), soundex(x), md5(x), base64(x), hex(x), encode(x, 'UTF-8') FROM s;
SELECT id, x LIKE '%o%', x LIKE 'H_llo%', x ILIKE 'hello%', startswith(x, 'H'), endswith(x, 'd'), contains(x, 'll') FROM s;
SELECT id, x || '-' || x, x = upper(x), x < 'b', x IN ('', 'a,b,,c') FROM s;

-- case: substring
SELECT substring('Spark SQL' FROM 5), substring('Spark SQL' FROM 5 FOR 1), substr('abc', 2), substring('abc', 4), substring('abc', 0), substring('abc', -2, 1), substring('abc', 1, -1), substring('abc', 1, 0);
SELECT substring(X'01020304', 2, 2), left(X'010203', 2), substring(NULL, 1, 1), substring('abc', NULL), substring('😀ab', 2, 1);
SELECT substring_index('a.b.c', '.', 2), substring_index('a.b.c', '.', -2), substring_index('a.b.c', '.', 0), substring_index('a.b.c', 'x', 1), substring_index('a.b.c', '', 1);
SELECT split_part('a.b.c', '.', 1), split_part('a.b.c', '.', -1), split_part('a.b.c', '.', 9), split_part('abc', '', 1);
SELECT split_part('a', '.', 0);

-- case: trim
SELECT trim('x' FROM 'xxaxx'), trim(BOTH 'xy' FROM 'xyaxy'), trim(LEADING 'x' FROM 'xxaxx'), trim(TRAILING 'x' FROM 'xxaxx'), trim(BOTH FROM '  a '), trim(LEADING FROM ' a '), ltrim('x', 'xxa'), rtrim('x', 'axx'), btrim('xxaxx', 'x'), trim('\t a');

-- case: pad_and_repeat
SELECT lpad('hi', 5, '??'), lpad('hi', 1, '??'), lpad('hi', 5), rpad('hi', 5), lpad('hi', 5, ''), lpad('hi', -1, 'x'), rpad(X'01', 3, X'FF'), repeat('ab', 0), repeat('ab', -1), space(3), space(0), repeat('x', NULL), lpad('é', 3, '😀');

-- case: search
SELECT instr('abc', ''), instr('abc', 'z'), instr('', 'a'), locate('', 'abc'), locate('b', 'abcb', 3), locate('b', 'abc', 0), locate('b', 'abc', -1), position('c', 'abc'), find_in_set('b', 'a,b,c'), find_in_set('a,b', 'a,b,c'), find_in_set('', ''), levenshtein('kitten', 'sitting'), levenshtein('kitten', 'sitting', 2), levenshtein('', 'abc');

-- case: format
SELECT format_number(12332.123456, 4), format_number(12332.5, 0), format_number(-1.5, 0), format_number(2.5, 0), format_number(1234567, '#,###.00'), format_number(12, '000.0'), format_number(NULL, 2), format_number(1e10D, 2);
SELECT format_string('Hello %s %d %.2f', 'x', 5, 2.567D), printf('%05d|%-5s|%x', 42, 'ab', 255), format_string('%s', NULL), format_string('%%'), format_string('%,d', 1234567), format_string('%e', 12345.678D), format_string('%b', true);
SELECT to_char(454, '999'), to_char(454.00, '000D00'), to_char(12454, '99G999'), to_char(78.12, '$99.99'), to_char(-12454.8, '99,999.9S'), to_varchar(5, '99'), to_char(date'2024-05-06', 'yyyy/MM/dd'), to_char(X'616263', 'utf-8');
SELECT elt(1, 'a', 'b'), elt(2, 'a', 'b'), elt(0 + 2, 'a', NULL);
SELECT elt(0, 'a');
SELECT elt(3, 'a', 'b');
SELECT concat_ws(',', 'a', NULL, 'b', array('c', NULL, 'd')), concat_ws(',', NULL), concat_ws(NULL, 'a'), concat_ws(','), concat(), concat('a'), concat(array(1), array(2, 3)), concat(X'01', X'02');
SELECT char(65), chr(97), chr(256), chr(-1), chr(0) = '\0', ascii('é'), ascii('😀'), ascii('');

-- case: encodings
SELECT base64('Spark'), unbase64('U3Bhcms='), base64(''), base64(X'FF00'), hex('é'), unhex('C3A9'), decode(X'C3A9', 'UTF-8'), encode('é', 'UTF-16BE'), encode('a', 'ISO-8859-1'), decode(encode('abc', 'UTF-16'), 'UTF-16');
SELECT encode('a', 'NOPE');
SELECT unbase64('!!!!');
SELECT to_binary('616263', 'hex'), to_binary('YWJj', 'base64'), to_binary('abc', 'utf-8'), try_to_binary('zz', 'hex'), is_valid_utf8('a'), make_valid_utf8('a'), try_validate_utf8('é'), validate_utf8('ok');
SELECT url_encode('a b&c=d/é'), url_decode('a+b%26c'), try_url_decode('%zz'), parse_url('http://u:p@host:80/path/x?k=v&l=w#frag', 'HOST'), parse_url('http://host/path?k=v', 'QUERY', 'k'), parse_url('http://host/path?k=v#f', 'REF'), parse_url('http://host/p?k=v', 'PATH'), parse_url('http://u@host:1/p', 'AUTHORITY'), parse_url('http://host/', 'QUERY'), parse_url('ftp://h/f', 'PROTOCOL'), parse_url('http://h/f?a=b', 'FILE'), parse_url('http://u:p@h/', 'USERINFO');
SELECT url_decode('%zz');
SELECT luhn_check('8112189876'), luhn_check('79927398714'), luhn_check(''), mask('AbCD123-@$#'), mask('AbCD123-@$#', 'Q', 'q', 'd', 'o'), mask(NULL), quote('it''s'), sentences('Hi there! Good morning.'), soundex('Robert'), soundex('123'), soundex('Miller');
SELECT aes_decrypt(unhex('83F16B2AA704794132802D248E6BFD4E380078182D1544813898AC97E709B28A94'), '0000111122223333'), crc32('');

-- case: like
SELECT 'a%b' LIKE 'a\\%b', 'axb' LIKE 'a\\%b', 'a_b' LIKE 'a\\_b', 'abc' LIKE 'abc', 'abc' LIKE 'ABC', 'abc' ILIKE 'ABC', '' LIKE '', '' LIKE '%', 'a\nb' LIKE 'a%b', NULL LIKE 'a', 'a' LIKE NULL;
SELECT 'a%b' LIKE 'a/%b' ESCAPE '/', 'axb' LIKE 'a/%b' ESCAPE '/', 'a' NOT LIKE 'b', 'ÉTÉ' ILIKE 'été', '100%' LIKE '%!%' ESCAPE '!', 'x.y' LIKE 'x.y', 'xzy' LIKE 'x.y', '😀' LIKE '_';
SELECT 'abc' LIKE ANY ('%x', 'a%'), 'abc' LIKE ALL ('a%', '%c'), 'abc' NOT LIKE ANY ('a%', 'z'), 'abc' NOT LIKE ALL ('x', 'z'), 'abc' LIKE SOME ('b', NULL), 'abc' LIKE ANY ('a%', NULL), 'abc' ILIKE ANY ('A%');
SELECT 'a' LIKE 'a\\';
SELECT 'a' LIKE 'm\\a';

-- case: literals
SELECT 'it''s', 'it\'s', "double ""quoted""", 'a' 'b', r'raw\n', R"raw\t", 'tab\tnew\nline', '\u0041', '\101', 'a\%b', '\\', '';
SELECT length('a\0b'), 'emoji 😀', '\U0001F600', 'back\slash';

-- case: collation
SELECT 'a' COLLATE UTF8_LCASE = 'A', collation('x'), 'a' = 'A', upper('ß'), lower('İ'), initcap('o''neil mc-donald'), 'ß' = 'SS';

-- case: null_arguments
SELECT concat('a', NULL), length(NULL), upper(NULL), substring(NULL, 1), replace('a', NULL, 'b'), split(NULL, 'a'), lpad(NULL, 1), instr(NULL, 'a'), translate('a', NULL, 'b'), repeat(NULL, 2), format_string(NULL), overlay('a', NULL, 1), startswith('a', NULL), left('a', NULL), trim(NULL), md5(NULL), base64(NULL), find_in_set(NULL, 'a');
SELECT random() IS NOT NULL, length(uuid()), length(randstr(5, 1)), typeof(current_user()), version() LIKE '4.2.1%', current_catalog(), current_database(), current_schema();
