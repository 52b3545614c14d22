-- Formats of numbers and texts: to_number, to_char, format_string, format_number, sentences, URLs, UTF-8, AES.

-- case: to_number
SELECT to_number('454', '999'), to_number('454.00', '000.00'), to_number('12,454', '99,999'), to_number('$78.12', '$99.99'), to_number('12,454.8-', '99,999.9S');
SELECT to_number('  454 ', '999'), to_number('454', '999D99'), to_number('.3', '999D99'), to_number('<454>', '999PR'), to_number('454-', '999MI'), to_number('-$454', 'MI$999'), to_number('234', '9,000'), to_number(NULL, '9'), to_number('4', NULL);
SELECT to_number('454', '00000');
SELECT to_number('12,3', '9,9,9');
SELECT to_number('4', '9$9');
SELECT to_number('4', '9.9.9');
SELECT to_number('4', ',9');
SELECT to_number('4', 'abc');
SELECT to_number('5', '9PRS');
SELECT to_number('4', x) FROM VALUES ('9') AS v(x);
SELECT try_to_number('$1,234.5', '$9,999.9'), try_to_number('x', '9');

-- case: to_char
SELECT to_char(454, '999'), to_char(5, '000'), to_char(0, '999'), to_char(0.5, '9.9'), to_char(-0.5, 'S9.9'), to_char(1234, '999'), to_char(1.55, '9.9'), to_char(5, '9,999'), to_char(5, '0,000');
SELECT to_char(5, 'S99'), to_char(-5, '99S'), to_char(5, 'MI99'), to_char(-5, '99PR'), to_char(5, '99PR'), to_char(-5.5, '$99.9PR'), to_char(5, '99.'), to_char(0, '99S'), to_char(1.5D, '9.9'), to_char('1.5', '9.9');
SELECT to_char(date'2024-05-06', 'yyyy'), to_char(X'616263', 'hex'), to_char(X'616263', 'base64'), to_varchar(5, '9');
SELECT to_char(X'616263', 'zz');
SELECT to_char(array(1), '9');

-- case: format_string
SELECT format_string('%d|%5d|%-5d|%05d|%+d|% d|%(d|%,d', 1, 2, 3, 4, 5, 6, -7, 1234567), format_string('%s|%10s|%-10s|%.2s|%S', 'abc', 'abc', 'abc', 'abc', 'abc');
SELECT format_string('%f|%.2f|%10.3f|%010.2f|%,.2f', 1.5D, 2.565D, 3.14159D, 1.5D, 1234567.891D), format_string('%e|%.2e|%g|%.3g', 12345.678D, 0.00012345D, 12345.678D, 0.00001234D);
SELECT format_string('%x|%X|%o|%#x|%08x', 255, 255, 8, 255, 255), format_string('%x', -1L), format_string('%x', -1Y), format_string('%c', 65), format_string('%2$s %1$s %<s', 'a', 'b'), format_string('%%|%n');
SELECT format_string('%s|%d|%f|%5d', NULL, NULL, NULL, NULL), format_string('%s', date'2020-01-01'), format_string('%s', 1e20D), format_string(NULL, 1), printf('%s', 1);
SELECT format_string('%0$s', 'a');
SELECT format_string('%s %s', 'a');

-- case: format_number
SELECT format_number(1234567, '#,###.00'), format_number(12, '000.0'), format_number(1234.5, '#.##'), format_number(0.256, '#.##%'), format_number(0, '#.##'), format_number(5, '$0.00'), format_number(2.5, '#'), format_number(3.5, '#'), format_number(1234567, '##,####'), format_number(5, '');
SELECT format_number(5, 'abc'), format_number(-5, '0.00;(0.00)'), format_number(double('NaN'), '0.0'), format_number(double('Infinity'), '0.0'), format_number(1e15D, '#,##0'), format_number(-0.0D, '0.0'), format_number(12345, "'#'#");

-- case: words
SELECT sentences('Hi there! Good morning.'), sentences('a b. c d? e', 'en', 'US'), sentences('Hello, world! 3.5 is e.g. 5 percent -- really'), sentences('Mr. Smith went home. It was late.'), sentences(NULL), sentences('it''s don''t');
SELECT decode(2, 1, 'a', 2, 'b', 'c'), decode(5, 1, 'a', 'z'), decode(5, 1, 'a'), decode(NULL, 1, 'a', NULL, 'n'), decode('x', 'x', 1, 'y', 2);
SELECT str_to_map('a1b2', '\\d'), str_to_map('a:1;b::2', ';', ':+'), str_to_map('abc', '', ''), str_to_map('a:1,b:2', ',', NULL), str_to_map('a', x, ':') FROM VALUES (',') AS v(x);
SELECT split('a', ''), split_part('a.b', '.', -1), left(X'010203', 2), lpad(X'01', 3), rpad(X'01', 3, X'FF'), nullifzero(0), nullifzero(5), zeroifnull(NULL);

-- case: urls
SELECT url_encode('a b&c=d/é*-._~'), url_decode('a+b%26c'), try_url_decode('%zz'), url_decode('%C3%A9'), try_url_decode('%4');
SELECT url_decode('%');
SELECT parse_url('http://u:p@host:80/path/x?k=v&l=w#frag', 'HOST'), parse_url('http://u:p@host:80/path/x?k=v&l=w#frag', 'AUTHORITY'), parse_url('http://u:p@h/', 'USERINFO'), parse_url('http://h/?a=b&c=d', 'QUERY', 'c'), parse_url('http://h', 'PATH'), parse_url('notaurl', 'HOST'), parse_url('notaurl', 'PATH'), try_parse_url('inva lid://x y', 'HOST');
SELECT parse_url('http://inva lid', 'HOST');

-- case: bytes
SELECT to_binary('616263', 'hex'), to_binary('YWJj', 'base64'), to_binary('abc', 'utf-8'), to_binary('6', 'hex'), to_binary(NULL, 'hex'), try_to_binary('zz', 'hex'), try_to_binary('a!', 'base64');
SELECT to_binary('a', 'base64');
SELECT to_binary('a', 'foo');
SELECT is_valid_utf8(X'80'), hex(make_valid_utf8(X'6180E282')), try_validate_utf8(X'80'), validate_utf8('ok');
SELECT validate_utf8(X'80');
SELECT hex(aes_encrypt('Spark', '0000111122223333', 'ECB')), hex(aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'CBC', 'DEFAULT', unhex('00000000000000000000000000000000'))), hex(aes_encrypt('Spark', '0000111122223333', 'GCM', 'DEFAULT', unhex('000000000000000000000000'), 'aad')), try_aes_decrypt(X'00', '0000111122223333');
SELECT aes_encrypt('Spark', '0000111122223333', 'CTR');
SELECT aes_encrypt('Spark', '0000111122223333', 'CBC', 'PKCS', X'00');
