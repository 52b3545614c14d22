-- One case at least for each error condition that the engine raises and that no other file shows (tests/tidy demands one).
-- setup
CREATE TEMPORARY VIEW people AS SELECT * FROM VALUES (1, 'ann', 30), (2, 'bob', NULL) AS people(id, name, age);
CREATE TEMPORARY VIEW sales AS SELECT * FROM VALUES (2020, 'a', 10, 20), (2021, 'b', 30, 40) AS sales(year, shop, spring, autumn);

-- case: syntax
SELECT * FROM people TABLESAMPLE ();
SELECT * FROM people TABLESAMPLE (10M);
SELECT * FROM people TABLESAMPLE (10X);
SELECT INTERVAL 1 YEAR TO MONTH;
SELECT INTERVAL '1' HOUR TO YEAR;
SELECT INTERVAL '1.5' DAY;
SELECT INTERVAL 5 NANOSECONDS;
SELECT INTERVAL '1' NANOSECONDS;
SELECT INTERVAL '99999999999999999999' DAY;
SELECT INTERVAL '1 2' YEAR TO MONTH;
CREATE TEMPORARY VIEW v TBLPROPERTIES ('a' = 'b') AS SELECT 1;
SELECT CAST(1 AS ARRAY);
SELECT CAST(1 AS MAP);
SELECT CAST(1 AS STRUCT);
SELECT CAST(1 AS VARCHAR);
SELECT CAST('12:00' AS TIME(9));
SELECT CAST(1 AS DECIMAL(2, 5));
SELECT 1 IN ();
SELECT sum(id) OVER w FROM people WINDOW w AS (ORDER BY id), w AS (ORDER BY name);
SELECT * FROM people RIGHT JOIN LATERAL (SELECT people.id AS x);
SELECT * FROM people JOIN LATERAL (SELECT people.id AS id) USING (id);
SELECT * FROM people NATURAL CROSS JOIN people AS more;
SELECT timestampadd('YEAR', 1, DATE '2020-01-01');
GRANT SELECT ON people TO ann;
CREATE TEMPORARY VIEW a.b AS SELECT 1;
CACHE TABLE a.b AS SELECT 1;
USE CATALOG nowhere;

-- case: names
SELECT id AS x, age AS x, x + 1 FROM people;
SELECT name.*[1] FROM people;
SELECT abs(*) FROM people HAVING *;
SELECT id AS (a, b) FROM people;
SELECT explode(array(1)) AS (a, b);
SELECT * FROM people LATERAL VIEW explode(array(1)) t AS a, b;
SELECT * FROM identifier(name) LIMIT 1;
SELECT * FROM identifier(CAST(NULL AS STRING));
SELECT * FROM identifier(1);
SELECT * FROM range('a', 'b');
SELECT * FROM range(array(1));
CREATE OR REPLACE TEMPORARY VIEW v(a) AS SELECT 1, 2;
CREATE OR REPLACE TEMPORARY VIEW v(a, b, c) AS SELECT 1, 2;

-- case: grouping
SELECT sum(id) FROM people GROUP BY sum(id);
SELECT id, grouping(name) FROM people GROUP BY CUBE (id);
SELECT id, grouping_id(name) FROM people GROUP BY CUBE (id);
SELECT count(*) FROM people GROUP BY GROUPING SETS ((id, id + 1, id + 2, id + 3, id + 4, id + 5, id + 6, id + 7, id + 8, id + 9, id + 10, id + 11, id + 12, id + 13, id + 14, id + 15, id + 16, id + 17, id + 18, id + 19, id + 20, id + 21, id + 22, id + 23, id + 24, id + 25, id + 26, id + 27, id + 28, id + 29, id + 30, id + 31, id + 32, id + 33, id + 34, id + 35, id + 36, id + 37, id + 38, id + 39, id + 40, id + 41, id + 42, id + 43, id + 44, id + 45, id + 46, id + 47, id + 48, id + 49, id + 50, id + 51, id + 52, id + 53, id + 54, id + 55, id + 56, id + 57, id + 58, id + 59, id + 60, id + 61, id + 62, id + 63, id + 64));
SELECT sum(id) FILTER (WHERE sum(id) > 1) FROM people;
SELECT sum(id) FILTER (WHERE row_number() OVER (ORDER BY id) > 1) FROM people;
SELECT sum(id) FILTER (WHERE id) FROM people;
SELECT sum(row_number() OVER (ORDER BY id)) FROM people;
SELECT percentile_cont(DISTINCT 0.5) WITHIN GROUP (ORDER BY id) FROM people;
SELECT percentile(id, CAST(NULL AS DOUBLE)) FROM people;
SELECT bitmap_construct_agg(id - 100) FROM people WHERE id = 1;

-- case: pivot
SELECT * FROM sales PIVOT (sum(spring) FOR year IN (shop));
SELECT * FROM sales PIVOT (sum(spring) FOR year IN (array(1)));
SELECT * FROM sales PIVOT (spring FOR year IN (2020));
SELECT * FROM sales UNPIVOT (amount FOR season IN ());
SELECT * FROM sales UNPIVOT ((a, b) FOR season IN ((spring, autumn), (spring)));

-- case: windows
SELECT sum(id) OVER (ORDER BY id, age RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM people;
SELECT sum(id) OVER (ORDER BY name RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM people;
SELECT sum(id) OVER (ORDER BY DATE '2020-01-01' RANGE BETWEEN 1.5 PRECEDING AND CURRENT ROW) FROM people;
SELECT sum(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND INTERVAL 1 DAY FOLLOWING) FROM people;
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN id PRECEDING AND CURRENT ROW) FROM people;
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW) FROM people;

-- case: subqueries
SELECT * FROM people WHERE id IN (SELECT array(1));
SELECT * FROM people WHERE (id, age) IN (SELECT 1, array(1));
SELECT (SELECT max(x) FROM (SELECT year AS x FROM sales WHERE sales.year > people.id LIMIT 5) TABLESAMPLE (50 PERCENT)) FROM people;
SELECT (SELECT sum(spring) OVER (ORDER BY people.id) FROM sales) FROM people;
WITH RECURSIVE r(n) AS (SELECT 1) SELECT * FROM r;
WITH RECURSIVE r(n) AS (SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r;
WITH RECURSIVE r(n) AS (SELECT n FROM r UNION ALL SELECT 1) SELECT * FROM r;
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 'a' FROM r WHERE n < 3) SELECT * FROM r;
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT array(1) FROM r) SELECT * FROM r;
SELECT * FROM people LIMIT CAST(NULL AS INT);
SELECT * FROM people LIMIT id;
SELECT * FROM VALUES (1), (rand()) AS t(x);
SELECT * FROM VALUES (1), (sum(2)) AS t(x);
SELECT * FROM VALUES (1), (array(1)) AS t(x);

-- case: recursion_rows
-- config: spark.sql.cteRecursionRowLimit=50
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 90) SELECT count(*) FROM r;

-- case: lambdas
SELECT transform(array(1), (x, x) -> x);
SELECT abs(x -> x);
SELECT array_sort(array(1, 2), (a, b) -> CAST(NULL AS INT));
SELECT stack(2, 1, 'a');
SELECT stack(2, 1, array(1), 2, DATE '2020-01-01');
SELECT stack(2, 1, array(1));

-- case: values
SELECT sequence(1, 2147483647000);
SELECT sequence(1, 5, -1);
SELECT sequence(DATE '2020-01-01', DATE '2021-01-01', INTERVAL -1 DAY);
SELECT timestampadd(YEAR, 300000, TIMESTAMP '2020-01-01 00:00:00');
SELECT CAST(dateadd(DATE '2020-01-01', 2147483647) AS STRING);
SELECT add_months(DATE '2020-01-01', 2147483647);
SELECT DATE '2020-01-01' + INTERVAL 5 HOURS;
SELECT DATE '2020-01-01' + make_interval(0, 0, 0, 1, 5);
SELECT make_timestamp(2020, 1, 1, 1, 1, 60.5);
SELECT date_format(TIMESTAMP '2020-01-01 00:00:00', 'yyyyyyyyyyyyyyyyyy');
SELECT date_format(TIMESTAMP '2020-01-01 00:00:00', 'zzzzzzzzz');
SELECT date_format(TIMESTAMP '2020-01-01 00:00:00', 'b');
SELECT to_timestamp('2020', 'yyyy[');
SELECT extract(nothing FROM DATE '2020-01-01');
SELECT date_part('nothing', DATE '2020-01-01');
SELECT to_number('1', '');
SELECT to_number('1', '9.9,9');
SELECT to_number('1', '9.9$');
SELECT to_number('1', '.$9');
SELECT encode('é', 'US-ASCII');
SELECT decode(X'FF', 'UTF-8');
SELECT CAST('1' || repeat('0', 40) AS DECIMAL(38, 0));
SELECT CAST('1e5000' AS DECIMAL(38, 0));
SELECT CAST('x' AS INTERVAL YEAR);
SELECT CAST('x' AS INTERVAL YEAR TO MONTH);
SELECT CAST('x' AS INTERVAL DAY TO SECOND);
SELECT make_interval(2147483647, 2147483647);
SELECT INTERVAL '178956970' YEAR * 2;
SELECT INTERVAL '178956970' YEAR + INTERVAL '178956970' YEAR;
SELECT aes_encrypt('a', '0000111122223333', 'ECB', 'PKCS', '0000111122223333');
SELECT aes_encrypt('a', '0000111122223333', 'CBC', 'PKCS', '0000111122223333', 'more');
SELECT aes_decrypt(X'00112233445566778899AABBCCDDEEFF', '0000111122223333', 'ECB');
SELECT from_csv('1', 'INT');
SELECT from_csv('1', 5);
SELECT from_json('1', 5);
SELECT from_csv('1', name) FROM people;
SELECT from_json('1', '{"type": "nothing"}');
SELECT schema_of_json('{"a": 1e10}', map('prefersDecimal', 'true'));
SELECT from_csv('1', 'a INT', map('sep', ''));
SELECT from_csv('1', 'a INT', map('sep', '\\'));
SELECT from_csv('1', 'a INT', map('sep', '\\x'));
SELECT from_csv('1', 'a INT', map('quote', 'ab'));
SELECT from_csv('1', 'a INT', map('maxColumns', 'x'));
SELECT from_csv('1', 'a INT', map('header', 'x'));
SELECT from_csv('1', 'a INT', map('multiLine', 'x'));

-- case: configuration
SET spark.sql.session.timeZone = Nowhere/Never;
SET TIME ZONE 'Nowhere/Never';
SET spark.sql.shuffle.partitions = many;
SET spark.executor.memory = 4g;
SET spark.sql.warehouse.dir = elsewhere;
SET spark.sql.ansi.enabled = perhaps;
SET spark.sql.orderByOrdinal = true;
SET spark.sql.orderByOrdinal;
SET spark.executor.memory;
SET spark.hadoop.fs.s3a.endpoint = somewhere;
SET spark.hadoop.fs.s3a.endpoint;
SET spark.some.key.of.mine;
RESET spark.executor.memory;
RESET spark.sql.warehouse.dir;

-- case: leaf_parallelism
-- config: spark.sql.leafNodeDefaultParallelism=5
SELECT count(DISTINCT spark_partition_id()) FROM range(10);
SELECT id, spark_partition_id() FROM range(7) ORDER BY id;

-- case: databases
CREATE DATABASE default;
DROP DATABASE default;

-- case: struct_fields
SELECT named_struct('a', 1)[id] FROM people;
SELECT named_struct('a', id)[name] FROM people;

-- case: frame_types
SELECT sum(id) OVER (ORDER BY current_timestamp() RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND INTERVAL 1 MONTH FOLLOWING) FROM people;

-- case: nested_views
-- config: spark.sql.view.maxNestedViewDepth=2
CREATE TEMPORARY VIEW depth1 AS SELECT 1 AS x;
CREATE TEMPORARY VIEW depth2 AS SELECT * FROM depth1;
CREATE TEMPORARY VIEW depth3 AS SELECT * FROM depth2;
SELECT * FROM depth3;

-- case: nondeterministic_aggregates
SELECT sum(rand()) FROM range(3);
SELECT collect_list(rand(1)), count(*) FROM range(3);
SELECT count(DISTINCT id, rand()) FROM range(3);
SELECT first(monotonically_increasing_id()) FROM range(3);
SELECT id FROM range(3) GROUP BY id HAVING sum(rand()) > 0;
SELECT sum(id) FILTER (WHERE rand() < 2) FROM range(3);
SELECT count(rand()) OVER () FROM range(3);
SELECT count(r) FROM (SELECT rand() r FROM range(3));
SELECT count(current_timestamp()) FROM range(3);
