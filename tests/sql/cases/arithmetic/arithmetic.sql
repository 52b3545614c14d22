-- Arithmetic: result types, overflow, division, decimal precision rules, with ANSI on.
-- case: integers
SELECT 1 + 2, 1 - 2, 3 * 4, 7 / 2, 7 % 2, -7 % 2, 7 % -2, 7 div 2, -7 div 2;
SELECT 1Y + 1Y, 1S + 1S, 1 + 1L, 1Y + 1S, 1Y * 1, 1S - 1L;
SELECT 1 + 1.5D, 1L + 1.5F, 1 + 1.5, 1.5F + 1.5D, 1.5F + 1.5;
SELECT NULL + 1, 1 / NULL, NULL % 0;
SELECT mod(7, 3), pmod(-7, 3), pmod(7, -3), pmod(-7, -3);
SELECT abs(-5), abs(-5.5), negative(3), positive(-2), sign(-3), signum(0.0);
SELECT 1 << 3, -16 >> 2, -16 >>> 28, shiftleft(1, 33), shiftright(-8L, 1), shiftrightunsigned(-1, 28);
SELECT bit_count(7), bit_count(-1), bit_get(5, 0), getbit(5, 1), bit_count(true);
SELECT '5' + 1, '7' / 2, 10 - '3', '5' % 3L, '5.5' * 1.5D;
SELECT '5.5' + 1;
SELECT '5' * '2';
SELECT date'2024-01-31' + 1, date'2024-01-31' - 1, date'2024-03-01' - date'2024-02-01';

-- case: int_overflow
SELECT 2147483647 + 1;
SELECT -2147483648 - 1;
SELECT 2147483647 * 2;
SELECT 9223372036854775807 + 1L;
SELECT 9223372036854775807 * 2;
SELECT 127Y + 1Y;
SELECT 32767S * 2S;
SELECT -(-2147483648);
SELECT abs(cast(-2147483648 AS int));
SELECT -9223372036854775808 div -1;
SELECT x + 1 FROM VALUES (1), (2147483647) AS v(x);
SELECT try_add(2147483647, 1), try_subtract(-2147483648, 1), try_multiply(2147483647, 2), try_divide(1, 0), try_mod(1, 0);
SELECT try_add(1, 2), try_divide(7, 2), try_divide(7L, 2), try_add(date'2021-01-01', 1);

-- case: by_zero
SELECT 1 / 0;
SELECT 1.0 / 0;
SELECT 1.0D / 0.0D;
SELECT 1 % 0;
SELECT 1 div 0;
SELECT mod(1, 0);
SELECT pmod(1, 0);
SELECT x / y FROM VALUES (1, 1), (4, 2), (5, 0) AS v(x, y);
SELECT CASE WHEN y <> 0 THEN x / y END FROM VALUES (1, 1), (4, 2), (5, 0) AS v(x, y);
SELECT x / y FROM VALUES (1, 1), (5, 0) AS v(x, y) WHERE y <> 0;

-- case: decimal_types
SELECT 1.1 + 2.22, 1.1 - 2.22, 1.1 * 2.22, 1.1 / 2.22, 5.5 % 2.1;
SELECT cast(1 AS decimal(10,2)) + cast(2 AS decimal(5,4)), cast(1 AS decimal(10,2)) * cast(2 AS decimal(5,4)), cast(1 AS decimal(10,2)) / cast(3 AS decimal(5,4));
SELECT cast(1 AS decimal(38,10)) * cast(1 AS decimal(38,10)), cast(1 AS decimal(38,18)) / cast(3 AS decimal(38,18)), cast(1 AS decimal(38,0)) + cast(0.5 AS decimal(38,38));
SELECT 1 + 1.5, 1L * 1.5, 1Y / 2.5, 2.50 + 1S;
SELECT 10.00 div 3.0, 10.5 div 2;
SELECT cast('12345678901234567890.123456789' AS decimal(30,9)) * cast('98765.4321' AS decimal(10,4));
SELECT 1.0 / 3, 2.000 / 3.00, 100 / 7.0, 0.1 + 0.2, 1e0 + 1, 1.5BD + 1;
SELECT sum(x), avg(x), max(x) FROM VALUES (1.25), (2.35), (3.455) AS v(x);
SELECT -1.50, - 0.0, +2.5, 00.10, 123456789012345678901234567890, 1234567890123456789;
SELECT 1.5 = 1.50, 1.5 > 1, 1.5 < 1.6D, 1 = 1.0, 2 BETWEEN 1.5 AND 2.5;
SELECT cast(9.99 AS decimal(3,2)) + cast(0.01 AS decimal(3,2)), round(2.5), round(-2.5), round(1.255, 2), bround(2.5), bround(3.5);

-- case: decimal_overflow
SELECT cast('99999999999999999999999999999999999999' AS decimal(38,0)) + 1;
SELECT cast('99999999999999999999999999999999999999' AS decimal(38,0)) * 10;
SELECT cast(1000 AS decimal(3,0));
SELECT cast(123.456 AS decimal(4,2));
SELECT try_add(cast('99999999999999999999999999999999999999' AS decimal(38,0)), 1);
SELECT cast('99999999999999999999' AS decimal(20,0)) / cast('0.00000001' AS decimal(18,8));

-- case: doubles
SELECT 0.1D + 0.2D, 1D / 3D, 1e308D * 10, -1e308D * 10, 1.0D % 0.3D, 5e-324D / 2;
SELECT double('NaN') = double('NaN'), double('NaN') > double('Infinity'), 0.0D = -0.0D, double('NaN') <=> double('NaN');
SELECT float(0.1), float(0.1) + 0.1F, float(1e10), double(float(0.1)), 16777217F;
SELECT 1e10D, 1e-5D, 123456789.0D, 1e7D, 9999999.0D, 1.0E16D, 0.001D, 1e21D, -0.0D;
SELECT string(1e10D), string(1e-5D), string(123456789.0D), string(1e7D), string(9999999.0D), string(0.001D), string(-0.0D), string(double('NaN')), string(double('-inf'));
SELECT string(1.1F), string(1e10F), string(cast('3.4028235E38' AS float)), string(1.4E-45F), string(0.1F + 0.2F), string(2.0E-3F), string(100F), string(4.9E-324D), string(1.7976931348623157E308D);

-- case: math
SELECT sqrt(2), cbrt(27), exp(1), expm1(1e-10D), ln(10), log(2, 8), log10(1000), log2(8), log1p(0), log(-1), ln(0), log(0, 2);
SELECT sin(1), cos(1), tan(1), asin(1), acos(1), atan(1), atan2(1, 2), sinh(1), cosh(1), tanh(1), asinh(1), acosh(2), atanh(0.5);
SELECT cot(1), sec(1), csc(1), degrees(3.14159), radians(180), pi(), e();
SELECT power(2, 10), pow(2, -1), power(-8, 1/3), power(0, 0), hypot(3, 4), factorial(5), factorial(21), factorial(-1);
SELECT floor(2.7), floor(-2.7), ceil(2.1), ceiling(-2.1), floor(2.7D), ceil(-0.5D), floor(5), ceil(3.14159, 3), floor(-3.14159, 2);
SELECT round(2.567, 2), round(-1234.5, -2), round(15, -1), round(2.5D), round(-2.5D), round(0.285D, 2), round(1e20D), round(5), round(double('NaN'));
SELECT bround(2.5D), bround(3.5D), bround(2.567, 1), bround(25, -1), bround(35, -1);
SELECT rint(2.5D), rint(3.5D), rint(-0.5D), trunc('2024-05-05', 'MM');
SELECT truncate(2.75, 1);
SELECT conv('100', 2, 10), conv('ff', 16, 10), conv(-10, 16, -10), conv('zz', 36, 16), conv('9', 8, 10), hex(255), hex('Spark'), hex(X'0AFF'), hex(-1), unhex('537061726B'), unhex('zz'), bin(13), bin(-1);
SELECT width_bucket(5.3, 0.2, 10.6, 5), width_bucket(-2.1, 1.3, 3.4, 3), width_bucket(8.1, 0.0, 5.7, 4), width_bucket(1.0, 5, 0, 5);
SELECT isnan(double('NaN')), isnan(1.0D), isnan(NULL), nanvl(double('NaN'), 5.0D), nanvl(1.0D, 5.0D);
SELECT hash(1), hash('a'), hash(NULL), hash(1L, 'b', 2.5D), hash(array(1, 2)), hash(struct(1, 'a')), xxhash64(1), xxhash64('a', 2), hash(1.5), hash(true), hash(date'2020-01-01'), hash(1Y), hash(X'01'), hash(-0.0D), hash(0.0D), hash(1.5F);
SELECT crc32('Spark'), md5('Spark'), sha1('Spark'), sha2('Spark', 256), sha2('Spark', 0), sha2('Spark', 1), sha('x'), sha2('a', 512);
SELECT uniform(5, 6, 0) BETWEEN 5 AND 6, rand(0) < 1, randn(0) IS NOT NULL;
SELECT rand(42), randn(42), rand(7) FROM range(0, 3, 1, 1);
SELECT sqrt(-1), asin(2), acosh(0.5), atanh(2), exp(1000), power(10, 400), sign(double('NaN'));
SELECT sqrt('16'), floor('2.5'), abs('-3');
SELECT greatest(1, 2L, 3.5), least(double('NaN'), 1.0D), greatest(double('NaN'), 1.0D);

-- case: not_ansi
-- config: spark.sql.ansi.enabled=false
SELECT 2147483647 + 1, -2147483648 - 1, 2147483647 * 2, 9223372036854775807 + 1L;
SELECT 127Y + 1Y, 32767S * 2S, abs(cast(-2147483648 AS int));
SELECT 1 / 0, 1 % 0, 1 div 0, 1.0 / 0, 1.0D / 0, pmod(1, 0);
SELECT cast('99999999999999999999999999999999999999' AS decimal(38,0)) + 1, cast(1000 AS decimal(3,0));
SELECT 'abc' + 1, '5' + 1, '5' * '2', '1.5' + 1, 'x' / 2;
SELECT 1 = '1', 'a' = 1, true = 1, '1.0' = 1, 1 > 'a', date'2020-01-01' = '2020-01-01';
SELECT sum(x) FROM VALUES (9223372036854775807L), (1L) AS v(x);
SELECT sum(x) FROM VALUES (cast('99999999999999999999999999999999999999' AS decimal(38,0))), (1) AS v(x);
SELECT element_at(array(1, 2), 5), array(1, 2)[5], map('a', 1)['b'], elt(5, 'a', 'b');
SELECT 1 + NULL, coalesce(1, 'a'), CASE WHEN true THEN 1 ELSE 'x' END, if(true, 1, '2');

-- case: rounding at scales far beyond the digits
SELECT round(1.5D, -3000), bround(1e-300D, -400), bround(cast(-2.5 AS float), -50), round(1e300D, -299);
SELECT round(0BD, -3000), round(7.5BD, -3000), bround(7.5BD, -3000);
SELECT round(15, -20), round(15L, -3000), bround(cast(15 AS tinyint), -400);
SELECT round(9223372036854775807L, -19);
SELECT round(4223372036854775807L, -19), round(-4223372036854775807L, -18);
SELECT round(127Y, -1);
SELECT round(1.5D, 400), bround(1e-300D, 300), bround(1e-300D, 299), round(2.5BD, 3000);

-- case: fractions rounded up and down to a scale
SELECT ceil(2.345D, 2), floor(-2.345D, 1), ceil(cast(2.34 AS float), 1), floor(x, -1) FROM VALUES (15.5D), (NULL), (-7D) AS v(x);
SELECT typeof(ceil(2.345D, 2)), typeof(floor(cast(1 AS float), 3)), ceil(1e20D, 0);
SELECT ceil(double('NaN'), 1);
