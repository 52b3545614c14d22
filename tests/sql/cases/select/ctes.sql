-- Common table expressions, nested and shadowed, and recursion; lateral views and generators in the list.
-- setup
CREATE TEMPORARY VIEW t AS SELECT * FROM VALUES (1, array('a', 'b')), (2, array()), (3, NULL), (4, array('c', NULL)) AS t(id, xs);
CREATE TEMPORARY VIEW m AS SELECT * FROM VALUES (1, map('k', 1, 'l', 2)), (2, map()), (3, NULL) AS m(id, kv);

-- case: cte
WITH x AS (SELECT 1 AS a) SELECT * FROM x;
WITH x(a, b) AS (SELECT 1, 2), y AS (SELECT a + b AS c FROM x) SELECT * FROM x, y;
WITH x AS (SELECT 1 AS a) SELECT * FROM x AS p JOIN x AS q ON p.a = q.a;
WITH x AS (WITH x AS (SELECT 1 AS a) SELECT a + 1 AS a FROM x) SELECT * FROM x;
WITH t AS (SELECT 42 AS id) SELECT id FROM t;
SELECT * FROM (WITH x AS (SELECT 5 AS v) SELECT v FROM x) WHERE v > (WITH z AS (SELECT 4 AS w) SELECT w FROM z);
WITH x AS (SELECT id FROM t) SELECT count(*) FROM x WHERE id IN (SELECT id FROM x WHERE id > 2);
WITH x AS (SELECT 1), x AS (SELECT 2) SELECT * FROM x;
WITH x(a) AS (SELECT 1, 2) SELECT * FROM x;

-- case: recursive
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r;
WITH RECURSIVE fib(a, b) AS (SELECT 0, 1 UNION ALL SELECT b, a + b FROM fib WHERE b < 50) SELECT a FROM fib;

-- case: explode
SELECT id, explode(xs) FROM t;
SELECT id, explode_outer(xs) AS x FROM t;
SELECT id, posexplode(xs) FROM t;
SELECT id, posexplode_outer(xs) AS (p, x) FROM t;
SELECT id, explode(kv) FROM m;
SELECT id, explode_outer(kv) AS (a, b) FROM m;
SELECT inline(array(struct(1 AS a, 'x' AS b), struct(2 AS a, 'y' AS b)));
SELECT stack(2, 1, 'a', 2, 'b');
SELECT stack(2, 1, 2, 3);
SELECT explode(array(array(1, 2), array(3)));
SELECT explode(sequence(1, 3)) + 1;

-- case: lateral_view
SELECT id, x FROM t LATERAL VIEW explode(xs) e AS x;
SELECT id, x FROM t LATERAL VIEW OUTER explode(xs) e AS x;
SELECT id, p, x FROM t LATERAL VIEW posexplode(xs) e AS p, x WHERE p = 0;
SELECT id, k, v FROM m LATERAL VIEW explode(kv) AS k, v;
SELECT id, x, y FROM t LATERAL VIEW explode(xs) e AS x LATERAL VIEW explode(array(1, 2)) f AS y WHERE id = 1;
SELECT id, e.* FROM t LATERAL VIEW explode(xs) e;
SELECT id, e.col FROM t LATERAL VIEW explode(xs) e;
SELECT x, count(*) FROM t LATERAL VIEW explode(xs) e AS x GROUP BY x;

-- case: lateral_join
SELECT id, x FROM t, LATERAL explode(xs) AS e(x);
SELECT id, x FROM t LEFT JOIN LATERAL explode(xs) AS e(x);
SELECT t.id, s.n FROM t, LATERAL (SELECT t.id * 10 AS n) s;
SELECT t.id, s.n FROM t, LATERAL (SELECT max(c) AS n FROM VALUES (1), (2), (3) AS v(c) WHERE c < t.id) s;
SELECT * FROM explode(array(1, 2));
SELECT * FROM inline(array(struct(1, 'a'), struct(2, 'b'))) AS i(n, s);
SELECT * FROM posexplode(array('p', 'q'));

-- case: recursive_more
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r LIMIT 5;
WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n + 1 FROM r) SELECT * FROM r;
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r1.n + 1 FROM r r1 JOIN r r2 ON r1.n = r2.n WHERE r1.n < 3) SELECT * FROM r;
WITH RECURSIVE r(n) AS (VALUES (1), (2) UNION ALL SELECT n + 10 FROM r WHERE n < 20) SELECT * FROM r;
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r;
WITH RECURSIVE r(n) MAX RECURSION LEVEL 3 AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT * FROM r;
