-- Times of day as numbers and back.
-- config: spark.sql.timeType.enabled=true
-- setup
CREATE TEMPORARY VIEW t AS SELECT * FROM VALUES (1, TIME'00:00:00'), (2, TIME'14:30:00.5'), (3, TIME'23:59:59.999999'), (4, TIME'00:00:00.000999'), (5, CAST(NULL AS TIME)) AS t(id, x);

-- case: to_numbers
-- unordered
SELECT id, time_to_millis(x), time_to_micros(x) FROM t;
SELECT time_to_millis(NULL);
SELECT time_to_millis('10:00:00');
SELECT time_to_micros(1);
SELECT time_to_millis(timestamp'2020-01-01 10:00:00');
SELECT time_to_millis();

-- case: from_numbers
-- unordered
SELECT id, time_from_millis(time_to_millis(x)), time_from_micros(time_to_micros(x)) FROM t;
SELECT time_from_millis(0), time_from_millis(86399999), time_from_micros(86399999999), time_from_millis(cast(7 AS tinyint)), time_from_micros(cast(7 AS smallint)), time_from_millis(NULL);
SELECT time_from_millis('7');
SELECT time_from_millis(1.5);
SELECT time_from_millis(1.5D);

-- case: from_numbers_out_of_range
SELECT time_from_millis(86400000);
SELECT time_from_millis(-1);
SELECT time_from_micros(86400000000);
SELECT time_from_micros(-1);
SELECT time_from_millis(9223372036854775807);
SELECT time_from_micros(-9223372036854775808);

-- case: out_of_range_not_ansi
-- config: spark.sql.timeType.enabled=true
-- config: spark.sql.ansi.enabled=false
SELECT time_from_millis(86400000);
SELECT time_from_millis('7');

-- case: type_is_off
-- config: spark.sql.timeType.enabled=false
SELECT time_from_millis(1);

-- case: precision_of_a_text
-- config: spark.sql.timeType.enabled=true
-- unordered
SELECT string(cast('12:34:56.789123' AS TIME(0))), string(cast('12:34:56.789123' AS TIME(3))), typeof(cast('12:34:56.7' AS TIME(0)));
SELECT string(cast(s AS TIME(0))), string(cast(s AS TIME(1))), string(cast(s AS TIME)), string(try_cast(s AS TIME(2))) FROM VALUES ('12:34:56.789123'), ('01:02:03'), (NULL) AS v(s);
SELECT count(*), count(DISTINCT cast(s AS TIME(0))) FROM VALUES ('12:34:56.789123'), ('12:34:56') AS v(s);

-- case: precision_of_a_time
-- config: spark.sql.timeType.enabled=true
-- unordered
SELECT id, string(cast(x AS TIME(0))), string(cast(x AS TIME(1))), string(cast(x AS TIME(3))), string(cast(x AS TIME(5))), string(cast(cast(x AS TIME(0)) AS TIME(6))) FROM t;
SELECT string(cast(cast('12:34:56.789123' AS TIME(0)) AS TIME(0))), string(cast(cast('12:34:56.789123' AS TIME(0)) AS TIME(6))), string(cast(cast('12:34:56.789123' AS TIME(6)) AS TIME(2)));
