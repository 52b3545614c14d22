-- PIVOT and UNPIVOT.
-- setup
CREATE TEMPORARY VIEW sales AS SELECT * FROM VALUES
  ('x', 2020, 'q1', 10), ('x', 2020, 'q2', 20), ('x', 2021, 'q1', 30), ('y', 2020, 'q1', 5), ('y', 2021, 'q2', NULL)
  AS sales(p, y, q, amount);
CREATE TEMPORARY VIEW wide AS SELECT * FROM VALUES ('x', 1, 2, NULL), ('y', NULL, 5, 6) AS wide(k, a, b, c);

-- case: pivot
SELECT * FROM sales PIVOT (sum(amount) FOR q IN ('q1', 'q2'));
SELECT * FROM (SELECT p, q, amount FROM sales) PIVOT (sum(amount) FOR q IN ('q1' AS first, 'q2' AS second));
SELECT * FROM (SELECT p, q, amount FROM sales) PIVOT (sum(amount) AS s, count(amount) AS n FOR q IN ('q1', 'q2'));
SELECT * FROM sales PIVOT (max(amount) FOR (y, q) IN ((2020, 'q1') AS a, (2021, 'q2') AS b));
SELECT * FROM (SELECT y, amount FROM sales) PIVOT (avg(amount) FOR y IN (2020, 2021, 2022));

-- case: unpivot
SELECT * FROM wide UNPIVOT (v FOR name IN (a, b, c));
SELECT * FROM wide UNPIVOT INCLUDE NULLS (v FOR name IN (a, b, c));
SELECT * FROM wide UNPIVOT EXCLUDE NULLS (v FOR name IN (a AS one, b AS two));
SELECT * FROM wide UNPIVOT ((v, w) FOR pair IN ((a, b) AS ab, (b, c) AS bc));
SELECT k, sum(v) FROM wide UNPIVOT (v FOR name IN (a, b, c)) GROUP BY k;
