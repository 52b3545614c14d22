-- Joins of all kinds, on equality and not, with nulls and duplicates.
-- setup
CREATE TEMPORARY VIEW l AS SELECT * FROM VALUES (1, 'a'), (2, 'b'), (2, 'bb'), (3, 'c'), (NULL, 'n') AS l(id, lv);
CREATE TEMPORARY VIEW r AS SELECT * FROM VALUES (2, 20), (2, 21), (3, 30), (4, 40), (NULL, 0) AS r(id, rv);
CREATE TEMPORARY VIEW e AS SELECT * FROM VALUES (1, 1) AS e(id, ev) WHERE id > 1;

-- case: inner
SELECT * FROM l JOIN r ON l.id = r.id;
SELECT * FROM l INNER JOIN r USING (id);
SELECT l.id, r.id, id FROM l JOIN r USING (id);
SELECT * FROM l NATURAL JOIN r;
SELECT * FROM l, r WHERE l.id = r.id AND rv > 20;
SELECT * FROM l JOIN r ON l.id <=> r.id;
SELECT * FROM l JOIN r ON l.id = r.id AND l.lv > 'b';
SELECT * FROM l JOIN r ON l.id < r.id;
SELECT * FROM l JOIN r ON l.id + 1 = r.id;
SELECT * FROM l JOIN e ON l.id = e.id;
SELECT a.id FROM l a JOIN l b ON a.id = b.id JOIN r c ON b.id = c.id;

-- case: outer
SELECT * FROM l LEFT JOIN r ON l.id = r.id;
SELECT * FROM l LEFT OUTER JOIN r ON l.id = r.id AND rv > 20;
SELECT * FROM l RIGHT JOIN r ON l.id = r.id;
SELECT * FROM l FULL OUTER JOIN r ON l.id = r.id;
SELECT * FROM l LEFT JOIN r USING (id);
SELECT * FROM l RIGHT JOIN r USING (id);
SELECT * FROM l FULL JOIN r USING (id);
SELECT id, l.id, r.id FROM l FULL JOIN r USING (id);
SELECT * FROM l NATURAL LEFT JOIN r;
SELECT * FROM l NATURAL FULL OUTER JOIN r;
SELECT * FROM l LEFT JOIN r ON l.id > r.id;
SELECT * FROM l RIGHT JOIN r ON l.id > r.id;
SELECT * FROM l FULL JOIN r ON l.id > r.id AND rv < 25;
SELECT * FROM l LEFT JOIN e ON l.id = e.id;
SELECT * FROM l RIGHT JOIN e ON l.id = e.id;
SELECT * FROM l FULL JOIN e ON l.id = e.id;
SELECT * FROM e LEFT JOIN l ON l.id = e.id;
SELECT * FROM l LEFT JOIN r ON l.id = r.id WHERE r.id IS NULL;
SELECT * FROM l LEFT JOIN r ON l.id = r.id WHERE rv = 20;
SELECT * FROM l LEFT JOIN r ON false;
SELECT * FROM l FULL JOIN r ON true WHERE l.id = 1;
SELECT * FROM l LEFT JOIN r ON l.id = r.id AND l.lv = 'b';
SELECT l.lv, coalesce(r.rv, -1) FROM l LEFT JOIN r ON l.id = r.id;

-- case: semi_anti
SELECT * FROM l LEFT SEMI JOIN r ON l.id = r.id;
SELECT * FROM l SEMI JOIN r USING (id);
SELECT * FROM l LEFT ANTI JOIN r ON l.id = r.id;
SELECT * FROM l ANTI JOIN r ON l.id = r.id AND rv > 25;
SELECT * FROM l LEFT SEMI JOIN r ON l.id < r.id;
SELECT * FROM l LEFT ANTI JOIN r ON l.id < r.id;
SELECT * FROM l LEFT ANTI JOIN e ON l.id = e.id;
SELECT * FROM l LEFT SEMI JOIN e ON true;
SELECT * FROM l LEFT SEMI JOIN r ON true;
SELECT * FROM l LEFT ANTI JOIN r ON l.id <=> r.id;

-- case: cross
SELECT * FROM l CROSS JOIN r;
SELECT count(*) FROM l, r, l AS l2;
SELECT * FROM l JOIN r LIMIT 0;
SELECT * FROM l CROSS JOIN e;
SELECT l.id, r.id FROM l CROSS JOIN r ON l.id = r.id;

-- case: keys_of_other_types
SELECT count(*) FROM VALUES (1), (2) AS a(x) JOIN VALUES (1L), (3L) AS b(y) ON x = y;
SELECT * FROM VALUES (1), (2) AS a(x) JOIN VALUES ('1'), ('2 ') AS b(y) ON x = y;
SELECT * FROM VALUES (1.0), (2.5) AS a(x) JOIN VALUES (1.00), (2.50) AS b(y) ON x = y;
SELECT * FROM VALUES (double('NaN')), (0.0D) AS a(x) JOIN VALUES (double('NaN')), (-0.0D) AS b(y) ON x = y;
SELECT * FROM VALUES (date'2020-01-01') AS a(x) JOIN VALUES (timestamp'2020-01-01 00:00:00') AS b(y) ON x = y;
SELECT * FROM VALUES (struct(1, 'a')) AS a(x);
SELECT * FROM VALUES (named_struct('p', 1, 'q', 'a')) AS a(x) JOIN VALUES (named_struct('p', 1, 'q', 'a')), (NULL) AS b(y) ON x = y;
SELECT * FROM VALUES (array(1, NULL)) AS a(x) JOIN VALUES (array(1, NULL)) AS b(y) ON x = y;
SELECT * FROM VALUES (1, 'a'), (1, 'b') AS a(k, s) JOIN VALUES (1, 'a') AS b(k, s) ON a.k = b.k AND a.s = b.s;
SELECT * FROM VALUES (X'01') AS a(x) JOIN VALUES (X'01'), (X'02') AS b(y) ON x = y;
SELECT * FROM VALUES (true), (NULL) AS a(x) JOIN VALUES (true), (NULL) AS b(y) USING (x);

-- case: star_and_names
SELECT l.*, r.rv FROM l JOIN r ON l.id = r.id;
SELECT r.*, l.* FROM l JOIN r USING (id);
SELECT id FROM l JOIN r ON l.id = r.id;
SELECT lv FROM l JOIN r ON l.id = r.nope;
SELECT * FROM l JOIN r USING (nope);
SELECT q.id FROM (SELECT * FROM l JOIN r ON l.id = r.id) q;
SELECT x.id, y.rv FROM l AS x(id, v) JOIN r AS y ON x.id = y.id;
SELECT a.lv, b.lv, c.rv FROM l a LEFT JOIN l b ON a.id = b.id AND a.lv <> b.lv LEFT JOIN r c ON b.id = c.id;

-- case: many
SELECT count(*), sum(a.id), max(b.id) FROM range(2000) a JOIN range(1000, 3000) b ON a.id = b.id;
SELECT count(*), count(b.id) FROM range(2000) a LEFT JOIN range(1000, 3000) b ON a.id = b.id;
SELECT count(*), count(a.id), count(b.id) FROM range(2000) a FULL JOIN range(1000, 3000) b ON a.id = b.id;
SELECT count(*) FROM range(500) a JOIN range(500) b ON a.id % 10 = b.id % 10;
SELECT count(*) FROM range(2000) a LEFT ANTI JOIN range(1000, 3000) b ON a.id = b.id;
SELECT a.id % 3 AS g, count(*), sum(b.id) FROM range(300) a JOIN range(300) b ON a.id = b.id AND a.id < b.id + 1 GROUP BY 1;
