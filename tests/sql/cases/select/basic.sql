-- SELECT, WHERE, expressions in the list, aliases, star forms, LIMIT and OFFSET.
-- setup
CREATE TEMPORARY VIEW t AS SELECT * FROM VALUES
  (1, 'a', 10.5D, true), (2, 'b', -3.25D, false), (3, NULL, 0.0D, NULL), (4, 'd', NULL, true), (5, 'a', 10.5D, false)
  AS t(id, s, d, flag);
CREATE TEMPORARY VIEW p AS SELECT named_struct('x', id, 'y', s) AS st, id FROM t;

-- case: star
SELECT * FROM t;
SELECT t.* FROM t WHERE id > 3;
SELECT *, id + 1 AS next FROM t WHERE id <= 2;
SELECT * EXCEPT (s, d) FROM t WHERE id = 1;
SELECT st.* FROM p WHERE id < 3;
SELECT st.x, st.y AS why FROM p WHERE st.x >= 4;

-- case: no_from
SELECT 1;
SELECT 1 AS one, 'two' two, 3.0 AS `th ree`, NULL AS nothing;
SELECT 1, 1, 'a', 'a';
SELECT 1 WHERE false;
SELECT 1 + 1, -5, +5, 2 * 3 - 4 / 2, 7 % 3, 7 div 2, ~5, 6 & 3, 6 | 3, 6 ^ 3;

-- case: where
SELECT id FROM t WHERE s = 'a';
SELECT id FROM t WHERE s <> 'a';
SELECT id FROM t WHERE s IS NULL;
SELECT id FROM t WHERE s IS NOT NULL AND d IS NOT NULL;
SELECT id FROM t WHERE NOT flag;
SELECT id FROM t WHERE flag OR d > 5;
SELECT id FROM t WHERE NOT (flag OR d > 5);
SELECT id FROM t WHERE s <=> NULL;
SELECT id FROM t WHERE s <=> 'a';
SELECT id FROM t WHERE id BETWEEN 2 AND 4;
SELECT id FROM t WHERE id NOT BETWEEN 2 AND 4;
SELECT id FROM t WHERE id IN (1, 3, 99);
SELECT id FROM t WHERE s IN ('a', NULL);
SELECT id FROM t WHERE s NOT IN ('a', NULL);
SELECT id FROM t WHERE (id, s) IN ((1, 'a'), (2, 'x'));
SELECT id FROM t WHERE flag IS TRUE;
SELECT id FROM t WHERE flag IS NOT TRUE;
SELECT id FROM t WHERE flag IS FALSE;
SELECT id FROM t WHERE flag IS UNKNOWN;
SELECT id FROM t WHERE s IS DISTINCT FROM 'a';
SELECT id FROM t WHERE s IS NOT DISTINCT FROM NULL;
SELECT id FROM t WHERE d != 10.5 AND d == 0;

-- case: order
SELECT id, s FROM t ORDER BY s, id;
SELECT id, s FROM t ORDER BY s DESC, id DESC;
SELECT id, s FROM t ORDER BY s NULLS LAST, id;
SELECT id, s FROM t ORDER BY s DESC NULLS FIRST, id;
SELECT id, s FROM t ORDER BY s ASC NULLS FIRST, id ASC NULLS LAST;
SELECT id, d FROM t ORDER BY d, id;
SELECT id, d FROM t ORDER BY 2 DESC, 1 DESC;
SELECT id * -1 AS n FROM t ORDER BY n;
SELECT s FROM t ORDER BY id DESC;
SELECT id, flag FROM t ORDER BY flag, id;
SELECT id FROM t ORDER BY d * 2 DESC NULLS LAST, length(s) NULLS FIRST, id DESC;
SELECT id, s FROM t ORDER BY ALL;
SELECT s, id FROM t ORDER BY ALL DESC NULLS LAST;
SELECT st FROM p ORDER BY st DESC;
SELECT x FROM VALUES (1.0D), (double('NaN')), (double('-Infinity')), (double('Infinity')), (-0.0D), (NULL) AS v(x) ORDER BY x;
SELECT x FROM VALUES (1.0D), (double('NaN')), (double('-Infinity')), (double('Infinity')), (NULL) AS v(x) ORDER BY x DESC;
SELECT x FROM VALUES (array(1, 2)), (array(1)), (NULL), (array()), (array(1, NULL)), (array(0, 9, 9)) AS v(x) ORDER BY x;
SELECT x FROM VALUES ('b'), ('a'), ('B'), (''), ('é'), ('z'), ('aa'), ('😀'), ('￿') AS v(x) ORDER BY x;
SELECT x FROM VALUES (X'00'), (X'FF'), (X'7F'), (X''), (X'0001') AS v(x) ORDER BY x;

-- case: limit
SELECT id FROM t ORDER BY id LIMIT 2;
SELECT id FROM t ORDER BY id LIMIT 0;
SELECT id FROM t ORDER BY id LIMIT ALL;
SELECT id FROM t ORDER BY id OFFSET 3;
SELECT id FROM t ORDER BY id LIMIT 2 OFFSET 1;
SELECT id FROM t ORDER BY id LIMIT 10 OFFSET 10;
SELECT id FROM t ORDER BY id DESC LIMIT 1 + 1;
SELECT count(*) FROM (SELECT id FROM t LIMIT 3);

-- case: distinct
SELECT DISTINCT s FROM t;
SELECT DISTINCT s, d FROM t;
SELECT DISTINCT flag FROM t ORDER BY flag DESC;
SELECT DISTINCT s, length(s) AS n FROM t ORDER BY n, s;
SELECT ALL s FROM t;
SELECT DISTINCT x FROM VALUES (0.0D), (-0.0D), (double('NaN')), (double('NaN')), (NULL), (NULL) AS v(x);

-- case: alias
SELECT a.id AS x, b.id AS y FROM t a, t AS b WHERE a.id = b.id - 4;
SELECT q.n FROM (SELECT id AS n FROM t) AS q WHERE q.n > 4;
SELECT `weird name`, `a.b`, `back``tick` FROM VALUES (1, 2, 3) AS v(`weird name`, `a.b`, `back``tick`);
SELECT id + 1 AS a, a * 2 AS b, b - a AS c FROM t WHERE id = 3;
SELECT ID, Id, T.iD FROM T WHERE Id = 1;
SELECT (id, s) FROM t WHERE id = 1;
SELECT struct(id, s AS name), named_struct('k', d) FROM t WHERE id = 2;

-- case: case_when
SELECT id, CASE WHEN id < 2 THEN 'low' WHEN id < 4 THEN 'mid' ELSE 'high' END AS c FROM t;
SELECT id, CASE s WHEN 'a' THEN 1 WHEN 'b' THEN 2 END AS c FROM t;
SELECT CASE WHEN flag THEN 1 ELSE 2.5 END FROM t;
SELECT CASE WHEN false THEN 1 END;
SELECT if(id > 2, 'x', NULL), if(id > 3, 1, 0L) FROM t;
SELECT coalesce(s, 'none'), nvl(d, -1), ifnull(flag, false), nullif(id, 3), nvl2(s, 1, 0) FROM t;
SELECT greatest(1, 2.5, NULL), least(1, 2.5, NULL), greatest('a', 'b'), least(date'2020-01-01', date'2019-01-01');
SELECT decode(id, 1, 'one', 2, 'two', 'other') FROM t;
SELECT coalesce(NULL, NULL), coalesce(NULL, 1, 2L), nullif(1, 1), nullifzero(0), zeroifnull(NULL);
SELECT CASE WHEN id = 0 THEN 1 / 0 ELSE id END FROM t;

-- case: values
SELECT * FROM VALUES (1, 'x'), (2, NULL);
VALUES (1, 2.5), (3, 4);
VALUES 1, 2, 3;
SELECT * FROM VALUES (1, array(1, 2), map('k', 1)), (2, NULL, NULL) AS v(a, b, c);
SELECT * FROM (VALUES (1), (2L), (3.5)) AS v(x);
SELECT * FROM VALUES (NULL), (NULL) AS v(x);
SELECT col1 + 1 FROM VALUES (1), (2);

-- case: range
SELECT * FROM range(5);
SELECT id FROM range(2, 10, 3);
SELECT id FROM range(5, 0, -2) ORDER BY id;
SELECT count(*), sum(id) FROM range(0, 1000, 1, 7);
SELECT * FROM range(0);

-- case: pipe
FROM t |> WHERE id > 2 |> SELECT id, s |> ORDER BY id DESC;
FROM t |> AGGREGATE count(*) AS n GROUP BY s |> ORDER BY s;
FROM t SELECT id WHERE id < 3;

-- case: hints
SELECT /*+ BROADCAST(b) */ a.id FROM t a JOIN t b ON a.id = b.id;
SELECT /*+ REPARTITION(3) */ id FROM t;
SELECT /*+ COALESCE(1) */ id FROM t;
SELECT /*+ MERGE(a) */ a.id FROM t a JOIN t b ON a.id = b.id;
SELECT /*+ NO_SUCH_HINT(a) */ id FROM t;

-- case: comments
SELECT 1 -- a comment
  + 2;
SELECT /* inner /* nested */ comment */ 3;
SELECT id FROM t -- the end ; of it
WHERE id = 1;

-- case: named_parameters_identifier
SELECT IDENTIFIER('id') FROM IDENTIFIER('t') WHERE id = 1;
SELECT id FROM t TABLESAMPLE (100 PERCENT);
SELECT count(*) FROM t TABLESAMPLE (3 ROWS);

-- case: pipe_more
FROM t |> AGGREGATE sum(id), max(s);
FROM t |> AGGREGATE count(*) AS n GROUP BY id % 2 AS k |> ORDER BY k;
FROM t |> SELECT id |> SET id = id * 2 |> ORDER BY id;
FROM t |> SELECT id |> UNION ALL SELECT 100 |> ORDER BY id;
FROM t |> AS x |> SELECT x.id |> ORDER BY id;
FROM t |> WINDOW w AS (ORDER BY id) |> SELECT id;
