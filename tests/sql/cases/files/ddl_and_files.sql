-- Statements over temporary views, configuration and files; paths are those of the case's own folder.
-- case: views
CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1 AS a, 'x' AS b;
SELECT * FROM v;
CREATE TEMPORARY VIEW IF NOT EXISTS v AS SELECT 2 AS a;
DESCRIBE v;
DESC v;
DESCRIBE QUERY SELECT 1 AS a, 'x' AS b, array(1) AS c;
SHOW COLUMNS IN v;
CREATE OR REPLACE TEMPORARY VIEW v (p COMMENT 'first', q) AS SELECT 3, 4;
SELECT * FROM v;
DESCRIBE v;
CREATE OR REPLACE GLOBAL TEMPORARY VIEW gv_golden AS SELECT 5 AS g;
SELECT * FROM global_temp.gv_golden;
DROP VIEW global_temp.gv_golden;
DROP VIEW v;
SELECT * FROM v;
DROP VIEW IF EXISTS v;

-- case: configuration
SET spark.sql.shuffle.partitions;
SET spark.golden.key = some value;
SET spark.golden.key;
RESET spark.golden.key;
SET spark.golden.nothing;
SET TIME ZONE 'Europe/Paris';
SELECT current_timezone();
SET TIME ZONE 'UTC';
SHOW FUNCTIONS LIKE 'array_c*';
SHOW CATALOGS;
DESCRIBE FUNCTION nosuchfunction;

-- case: csv
SELECT * FROM csv.`${DATA}/people.csv`;
CREATE OR REPLACE TEMPORARY VIEW c1 USING csv OPTIONS (path '${DATA}/people.csv', header 'true', inferSchema 'true');
SELECT * FROM c1;
CREATE OR REPLACE TEMPORARY VIEW c2 (id INT, name STRING, born DATE, score DOUBLE, active BOOLEAN) USING csv OPTIONS (path '${DATA}/people.csv', header 'true');
SELECT * FROM c2 WHERE active;
SELECT count(*), sum(score) FROM c2;
SELECT * FROM read_files('${DATA}/people.csv');

-- case: json
SELECT * FROM json.`${DATA}/events.json`;
CREATE OR REPLACE TEMPORARY VIEW j1 USING json OPTIONS (path '${DATA}/events.json');
DESCRIBE j1;
SELECT id, tags[0], user.name FROM j1 WHERE user IS NOT NULL;

-- case: write
INSERT OVERWRITE DIRECTORY '${TMP}/p1' USING parquet SELECT id, id % 2 AS k FROM range(10);
SELECT k, count(*), sum(id) FROM parquet.`${TMP}/p1` GROUP BY k;
INSERT OVERWRITE DIRECTORY '${TMP}/c1' USING csv OPTIONS (header 'true', sep ';') SELECT 1 AS a, 'x;y' AS b, CAST(NULL AS INT) AS c;
INSERT OVERWRITE DIRECTORY '${TMP}/c2' USING csv SELECT NULL AS c;
CREATE OR REPLACE TEMPORARY VIEW back USING csv OPTIONS (path '${TMP}/c1', header 'true', sep ';');
SELECT * FROM back;
SELECT * FROM text.`${TMP}/c1`;
INSERT OVERWRITE DIRECTORY '${TMP}/j1' USING json SELECT named_struct('a', 1, 'b', NULL) AS s, array(1, 2) AS xs, date'2020-01-01' AS d, timestamp'2020-01-01 10:00:00' AS t, 1.50 AS m, X'4142' AS x;
SELECT * FROM text.`${TMP}/j1`;
SELECT * FROM json.`${TMP}/j1`;
SELECT * FROM parquet.`${TMP}/missing`;
SELECT * FROM nosuchformat.`${TMP}/p1`;
