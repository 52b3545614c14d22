-- CAST between the simple types with ANSI on, TRY_CAST, and the functions named after types.
-- setup
CREATE TEMPORARY VIEW s AS SELECT * FROM VALUES ('1'), (' 42 '), ('-7'), ('+8'), ('1.5'), ('abc'), (''), (NULL), ('1e3'), ('0x1F'), ('999999999999'), ('true'), ('2024-02-30') AS s(x);

-- case: to_int
SELECT cast('12' AS int), cast(' 12 ' AS int), cast('-12' AS bigint), cast('+5' AS smallint), cast('127' AS tinyint);
SELECT cast(1.9 AS int), cast(-1.9 AS int), cast(1.9D AS int), cast(-1.9F AS bigint), cast(true AS int), cast(false AS tinyint);
SELECT cast(300L AS smallint), cast(date'2020-01-01' AS timestamp), cast(timestamp'1970-01-01 00:01:00' AS bigint), cast(timestamp'1969-12-31 23:59:59.5' AS bigint);
SELECT cast('abc' AS int);
SELECT cast('' AS int);
SELECT cast('1.5' AS int);
SELECT cast('1e3' AS int);
SELECT cast('2147483648' AS int);
SELECT cast(2147483648L AS int);
SELECT cast(128 AS tinyint);
SELECT cast(1e20D AS bigint);
SELECT cast(double('NaN') AS int);
SELECT cast(99999999999.5 AS int);
SELECT cast(X'01' AS int);
SELECT cast(date'2020-01-01' AS int);
SELECT int('5'), bigint(5.5), smallint('3'), tinyint(1), int(NULL), cast(NULL AS int);

-- case: to_float
SELECT cast('1.5' AS double), cast('1e3' AS float), cast(' 2.5 ' AS double), cast('NaN' AS double), cast('Infinity' AS double), cast('-inf' AS float), cast('1d' AS double), cast('.5' AS double), cast('5.' AS double);
SELECT cast(1 AS double), cast(9007199254740993L AS double), cast(16777217 AS float), cast(1.1 AS float), cast(true AS double), cast(1e300D AS float);
SELECT cast('x' AS double);
SELECT cast('' AS float);
SELECT cast(timestamp'1970-01-01 00:00:01.25' AS double);
SELECT cast(date'2020-01-01' AS double);

-- case: to_decimal
SELECT cast('1.234' AS decimal(10,2)), cast('1.235' AS decimal(10,2)), cast('-1.235' AS decimal(10,2)), cast(1.5D AS decimal(5,1)), cast(0.1F AS decimal(20,10)), cast(5 AS decimal), cast('1e2' AS decimal(5,0)), cast(true AS decimal(2,1));
SELECT cast(123.456 AS decimal(5,1)), cast(123.456 AS decimal(38,18)), cast(1L AS decimal(20,0)), decimal('3.7'), cast(2.5 AS decimal(1,0)), cast(3.5 AS decimal(1,0));
SELECT cast('12345' AS decimal(4,0));
SELECT cast('abc' AS decimal(10,0));
SELECT cast(1e10D AS decimal(5,0));
SELECT cast(1 AS decimal(39,0));
SELECT cast(1 AS decimal(5,6));
SELECT cast(double('NaN') AS decimal(10,2));

-- case: to_string
SELECT cast(1 AS string), cast(1.50 AS string), cast(1e7D AS string), cast(1.0D AS string), cast(0.1F AS string), cast(true AS string), cast(NULL AS string), cast(-5L AS string);
SELECT cast(date'2020-02-03' AS string), cast(timestamp'2020-02-03 04:05:06' AS string), cast(timestamp'2020-02-03 04:05:06.120000' AS string), cast(timestamp_ntz'2020-02-03 04:05:06.000001' AS string), cast(date'-0044-03-15' AS string);
SELECT cast(array(1, NULL, 3) AS string), cast(map('a', 1, 'b', NULL) AS string), cast(struct(1, 'x', NULL) AS string), cast(array('a', 'b') AS string), cast(array(array(1), array()) AS string);
SELECT cast(X'4142' AS string), hex(cast(X'FF' AS string)), cast(0.0000001 AS string), cast(1e-7D AS string), cast(0E-10 AS string), cast(cast(0 AS decimal(10,8)) AS string);
SELECT cast(INTERVAL '1-2' YEAR TO MONTH AS string), cast(INTERVAL '1 02:03:04.5' DAY TO SECOND AS string), cast(INTERVAL '-3' MONTH AS string), cast(INTERVAL 90 MINUTES AS string);
SELECT cast('abc' AS char(5)), cast('abcdef' AS varchar(3)), length(cast('abc' AS char(5)));
SELECT cast(time'12:34:56.5' AS string), cast('10:20' AS time);

-- case: to_boolean
SELECT cast('true' AS boolean), cast('T' AS boolean), cast('yes' AS boolean), cast('Y' AS boolean), cast('1' AS boolean), cast('false' AS boolean), cast('n' AS boolean), cast(' TRUE ' AS boolean), cast(0 AS boolean), cast(-3 AS boolean), cast(0.0D AS boolean), cast(0.5 AS boolean);
SELECT cast('maybe' AS boolean);
SELECT cast('' AS boolean);
SELECT cast(date'2020-01-01' AS boolean);
SELECT cast(timestamp'2020-01-01 00:00:00' AS boolean);

-- case: to_date
SELECT cast('2020-01-02' AS date), cast('2020-1-2' AS date), cast('2020' AS date), cast('2020-03' AS date), cast(' 2020-01-02 ' AS date), cast('2020-01-02T10:00:00' AS date), cast('2020-01-02 junk' AS date), cast('-0001-01-01' AS string);
SELECT cast(timestamp'2020-01-02 23:59:59' AS date), cast(timestamp_ntz'2020-01-02 23:59:59' AS date), date('2020-05-06');
SELECT cast('2020-13-01' AS date);
SELECT cast('2023-02-29' AS date);
SELECT cast('20200102' AS date);
SELECT cast('today' AS date) = current_date();
SELECT cast(5 AS date);
SELECT cast('epoch' AS date), cast('epoch' AS timestamp);

-- case: to_timestamp
SELECT cast('2020-01-02 03:04:05' AS timestamp), cast('2020-01-02T03:04:05Z' AS timestamp), cast('2020-01-02 03:04:05.123456789' AS timestamp), cast('2020-01-02 03:04:05+02:00' AS timestamp), cast('2020-01-02' AS timestamp), cast('2020-01-02 3:4' AS timestamp), cast('2020' AS timestamp);
SELECT cast('2020-07-02 03:04:05 America/New_York' AS timestamp), cast('2020-01-02 03:04:05 PST' AS timestamp), cast('2020-01-02 03:04:05 UTC+3' AS timestamp), cast('2020-01-02 03:04:05 GMT-01:30' AS timestamp);
SELECT cast(0 AS timestamp), cast(1.5D AS timestamp), cast(-1L AS timestamp), cast(1.123456789 AS timestamp), cast(date'2020-01-02' AS timestamp_ntz);
SELECT cast('x' AS timestamp);
SELECT cast('2020-01-02 25:00:00' AS timestamp);
SELECT cast(true AS timestamp);
SELECT cast(1 AS timestamp_ntz);
SELECT cast('2020-01-02 03:04:05+02:00' AS timestamp_ntz), cast(timestamp'2020-01-02 03:04:05' AS timestamp_ntz), cast(timestamp_ntz'2020-01-02 03:04:05' AS timestamp);

-- case: to_binary_and_nested
SELECT cast('abc' AS binary), cast('é' AS binary), cast(X'61' AS string), binary('x');
SELECT cast(1 AS binary);
SELECT cast(array('1', '2') AS array<int>), cast(map('1', '2') AS map<int, double>), cast(struct('1', 2) AS struct<a: int, b: string>), cast(array(1, 2) AS array<string>), cast(NULL AS array<int>);
SELECT cast(array('x') AS array<int>);
SELECT cast(array(1) AS int);
SELECT cast(1 AS array<int>);
SELECT cast(struct(1, 2) AS struct<a: int>);
SELECT cast(array(1, NULL) AS array<bigint>), cast(map('a', array(1)) AS map<string, array<string>>);
SELECT string(cast('1 day' AS interval)), cast('1' AS interval day), string(cast('1-2' AS interval year to month)), cast(5 AS interval day), cast(INTERVAL '2' HOUR AS bigint), cast(INTERVAL '1' DAY AS interval hour);

-- case: try_cast
SELECT x, try_cast(x AS int), try_cast(x AS double), try_cast(x AS boolean), try_cast(x AS date), try_cast(x AS decimal(5,2)), try_cast(x AS bigint) FROM s;
SELECT try_cast(300 AS tinyint), try_cast(1e20D AS int), try_cast('x' AS timestamp), try_cast(array('1', 'x') AS array<int>), try_cast(1000 AS decimal(3,0));
SELECT try_cast(1 AS date);
SELECT try_to_number('$1,234.5', '$9,999.9'), try_to_number('x', '999'), to_number('-12', 'S99'), to_number('1,234.50', '9,999.99');
SELECT to_number('abc', '999');
SELECT '5'::int, 1.7::int, '2020-01-01'::date, 5 :: string;
SELECT x ?:: int FROM s;

-- case: not_ansi
-- config: spark.sql.ansi.enabled=false
SELECT x, cast(x AS int), cast(x AS double), cast(x AS boolean), cast(x AS date), cast(x AS decimal(5,2)), cast(x AS bigint), cast(x AS tinyint) FROM s;
SELECT cast(300 AS tinyint), cast(2147483648L AS int), cast(1e20D AS bigint), cast(1e20D AS int), cast(double('NaN') AS int), cast(-1e20D AS smallint), cast(99999.9 AS smallint);
SELECT cast('x' AS timestamp), cast(true AS timestamp), cast(timestamp'2020-01-01 00:00:00' AS boolean), cast(date'2020-01-01' AS int), cast(array('x', '1') AS array<int>);
SELECT cast(1 AS binary), cast(1L AS binary), cast(1Y AS binary);
SELECT cast('2023-02-29' AS date), date_format(cast('12:00' AS timestamp), 'HH:mm'), cast(1e10D AS decimal(5,0)), cast(double('NaN') AS decimal(5,0));
SELECT int('x'), double('y'), date('z'), boolean('q');

-- case: implicit
SELECT 1 = 1L, 1 = 1.0, '1' = 1, true = 'true', date'2020-01-01' = '2020-01-01', timestamp'2020-01-01 00:00:00' = date'2020-01-01';
SELECT 'a' = 1;
SELECT true = 1;
SELECT 1 + true;
SELECT concat('a', 1, true, 2.5, date'2020-01-01', NULL), concat(1, 2);
SELECT substring(12345, 2, 2), length(100), upper(true), repeat('ab', '2');
SELECT array(1, 2L, 3.5), array('a', NULL), array(1, NULL), map(1, 'a', 2L, 'b'), array(date'2020-01-01', timestamp'2020-01-01 10:00:00');
SELECT array(1, 'x');
SELECT coalesce(1, 2L), coalesce('1', 2), if(true, 1, 2.5), nvl(date'2020-01-01', timestamp'2020-01-01 10:00:00');
SELECT date_add('2020-01-01', 1), date_add('2020-01-01', '1'), year('2020-05-05'), sqrt('4');
SELECT 1 IN ('1', '2'), 'a' IN ('a', NULL), 1.0 IN (1, 2), 1 BETWEEN '0' AND '2';
SELECT 5 || 6, 'a' || NULL, 'n' || 1.0;
SELECT float(1) = 1.1, 1.1F = 1.1D, 1.1F = 1.1;

-- case: time_of_day
-- config: spark.sql.timeType.enabled=true
SELECT cast(TIME'23:59:59.5' AS int), cast(TIME'00:01:40' AS tinyint), try_cast(TIME'23:59:59' AS smallint), cast(TIME'23:59:59.123456' AS decimal(10, 3));
SELECT cast(TIME'23:59:59' AS double);
SELECT try_cast(TIME'23:59:59' AS float);
SELECT cast(TIME'23:59:59' AS smallint);
SELECT cast(12 AS TIME);
SELECT cast(timestamp'2020-01-01 10:00:00' AS TIME);

-- case: time_of_day_not_ansi
-- config: spark.sql.timeType.enabled=true
-- config: spark.sql.ansi.enabled=false
SELECT cast(x AS smallint), cast(x AS tinyint), cast(x AS int) FROM VALUES (TIME'23:59:59'), (TIME'00:00:07') t(x);
SELECT cast(TIME'23:59:59' AS double);

-- case: map_keys
SELECT cast(map('1', 2) AS map<int, int>);
SELECT try_cast(map('1', 2) AS map<int, int>);
SELECT try_cast(map(300, 'x', 7, 'y') AS map<tinyint, string>);
SELECT try_cast(map(1, '7', 2, 'y') AS map<bigint, int>);
SELECT try_cast(named_struct('a', array('1', 'x')) AS struct<a: array<int>>);

-- case: time_is_off
SELECT hour(TIME'10:00:00');
SELECT hour(x) FROM VALUES (TIME'10:00:00') t(x);
SELECT cast('10:00' AS TIME) IS NULL;
SELECT TIME'10:00:00';
