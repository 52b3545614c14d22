-- Sequences, random values for a seed, bitmaps, sorted aggregates and windows of time.

-- case: sequences
SELECT sequence(date'2024-01-01', date'2024-01-05', INTERVAL 2 DAYS), sequence(date'2024-01-31', date'2024-06-30', INTERVAL 1 MONTH), sequence(timestamp'2024-01-01', timestamp'2024-01-02', INTERVAL 12 HOURS), sequence(date'2024-01-05', date'2024-01-01', INTERVAL -1 DAY), sequence(date'2024-01-01', date'2026-01-01', INTERVAL '1' YEAR), sequence(timestamp_ntz'2024-01-01', timestamp_ntz'2024-01-03');
SELECT sequence(date'2024-01-01', timestamp'2024-01-02', INTERVAL '6' HOUR), sequence(timestamp'2024-01-31', timestamp'2024-04-30 12:00:00', INTERVAL '1' MONTH), sequence(1, NULL), sequence(date'2024-01-01', NULL);
SELECT sequence(date'2024-01-01', date'2024-01-05', INTERVAL 0 DAYS);
SELECT sequence(date'2024-01-01', date'2024-01-02', INTERVAL 1 HOUR);
SELECT sequence(date'2024-01-05', date'2024-01-01', INTERVAL 1 DAYS);
SELECT sequence(1.5, 2.5);
SELECT sequence(date'2024-01-01', date'2024-01-03', 1);

-- case: sequences_across_a_change_of_the_clocks
-- config: spark.sql.session.timeZone=America/New_York
SELECT sequence(timestamp'2024-03-09 12:00:00', timestamp'2024-03-11 12:00:00', INTERVAL 1 DAY), sequence(timestamp'2024-03-10 00:00:00', timestamp'2024-03-10 05:00:00', INTERVAL 1 HOUR);

-- case: random
SELECT randstr(5, 1), randstr(0), uniform(5, 6, 0), uniform(1, 10, 3), uniform(1.5, 2.5, 1), uniform(1L, 100L, 42), uniform(1F, 2F, 7), uniform(10, 20D, 0);
SELECT id, uniform(0, 100, 7), randstr(4, 7) FROM range(0, 5, 1, 1);
SELECT shuffle(array(1, 2, 3, 4, 5), 7);

-- case: bitmaps
SELECT bitmap_bucket_number(40000), bitmap_bit_position(40000), bitmap_bucket_number(-1), bitmap_bit_position(-1), bitmap_count(X'FF01'), bitmap_bit_position(32768), bitmap_bucket_number(32769);
SELECT hex(substring(bitmap_construct_agg(bitmap_bit_position(col)), 1, 4)), length(bitmap_construct_agg(bitmap_bit_position(col))) FROM VALUES (1), (2), (3), (10) AS v(col);
SELECT hex(substring(bitmap_or_agg(col), 1, 2)), hex(substring(bitmap_and_agg(col), 1, 2)) FROM VALUES (X'10'), (X'20'), (X'40') AS v(col);

-- case: within_group
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x), percentile_disc(0.5) WITHIN GROUP (ORDER BY x DESC), percentile_cont(array(0.25, 0.5)) WITHIN GROUP (ORDER BY x), percentile_disc(array(0.25, 0.5)) WITHIN GROUP (ORDER BY x DESC) FROM VALUES (1), (2), (3), (10) AS v(x);
SELECT mode() WITHIN GROUP (ORDER BY x), mode() WITHIN GROUP (ORDER BY x DESC), mode(x, true) FROM VALUES (2), (1), (2), (1) AS v(x);
SELECT listagg(x, '-') WITHIN GROUP (ORDER BY x DESC), listagg(x) WITHIN GROUP (ORDER BY y), string_agg(x, ',') WITHIN GROUP (ORDER BY y DESC, x) FROM VALUES ('a', 3), ('c', 1), ('b', 2), (NULL, 0) AS v(x, y);
SELECT listagg(DISTINCT x) WITHIN GROUP (ORDER BY x DESC) FROM VALUES ('a'), ('a'), ('b') AS v(x);
SELECT listagg(DISTINCT x) WITHIN GROUP (ORDER BY y) FROM VALUES ('a', 1), ('b', 3) AS v(x, y);
SELECT sum(x) WITHIN GROUP (ORDER BY x) FROM VALUES (1) AS v(x);
SELECT percentile_cont(0.5) FROM VALUES (1) AS v(x);
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x, x) FROM VALUES (1) AS v(x);
SELECT percentile_cont(x, 0.5) FROM VALUES (1) AS v(x);
SELECT mode() FROM VALUES (1) AS v(x);
SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY x) FROM VALUES (1) AS v(x);
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FILTER (WHERE x > 1) FROM VALUES (1), (2), (3) AS v(x);
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY i) FROM VALUES (INTERVAL '1' DAY), (INTERVAL '3' DAY) AS v(i);

-- case: kept
SELECT max_by(x, y, 2), min_by(x, y, 2), max_by(x, y, 10), min_by(x, y, 1) FROM VALUES ('a', 1), ('b', 2), ('c', 3), (NULL, 4), ('z', NULL) AS v(x, y);
SELECT max_by(x, y, 0) FROM VALUES ('a', 1) AS v(x, y);
SELECT sum(x), avg(x) FROM VALUES (INTERVAL '1' DAY), (INTERVAL '2' HOUR) AS v(x);
SELECT histogram_numeric(x, 4) FROM VALUES (1.5D), (2.5D), (3.5D), (4.5D), (5.5D), (6.5D), (7.5D), (20D) AS v(x);

-- case: windows_of_time
SELECT window(t, '5 minutes') FROM VALUES (timestamp'2024-01-01 00:01:00'), (NULL) AS v(t);
SELECT window(t, '5 minutes').start FROM VALUES (timestamp_ntz'2024-01-01 00:01:00') AS v(t);
SELECT t, window FROM VALUES (timestamp'2024-01-01 00:01:00') AS v(t) GROUP BY window(t, '1 hour', '30 minutes', '5 minutes'), t;
SELECT window_time(window(t, '5 minutes')) FROM VALUES (timestamp'2024-01-01 00:01:00') AS v(t);
SELECT window(t, '5 minutes').end AS e, sum(x) FROM VALUES (timestamp'2024-01-01 00:01:00', 1), (timestamp'2024-01-01 00:04:00', 2) AS v(t, x) GROUP BY window(t, '5 minutes');
SELECT count(*) FROM VALUES (timestamp'2024-01-01 00:01:00', 1) AS v(t, x) GROUP BY window(t, '5 minutes') HAVING window.end > timestamp'2020-01-01';
SELECT window(t, '5 minutes', '10 minutes') FROM VALUES (timestamp'2024-01-01 00:01:00') AS v(t);
SELECT window(t, '1 month') FROM VALUES (timestamp'2024-01-01 00:01:00') AS v(t);
SELECT window(t, 'x') FROM VALUES (timestamp'2024-01-01 00:01:00') AS v(t);
SELECT window(t, '-5 minutes') FROM VALUES (timestamp'2024-01-01 00:01:00') AS v(t);

-- case: session
SELECT current_database(), current_catalog(), current_schema(), current_path(), input_file_name(), input_file_block_start();
SELECT try_add(date'2021-01-01', 1), try_subtract(timestamp'2021-01-01 00:00:00', INTERVAL '1' DAY), try_divide(INTERVAL '1' DAY, 0);
