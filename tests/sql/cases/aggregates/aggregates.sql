-- Aggregate functions, with and without GROUP BY, over nulls and nothing.
-- setup
CREATE TEMPORARY VIEW t AS SELECT * FROM VALUES
  ('a', 1, 1.5D, 10.25, true), ('a', 2, NULL, 20.50, false), ('b', NULL, 2.5D, NULL, NULL), ('b', 3, -1.0D, 5.75, true),
  (NULL, 4, 8.0D, 1.00, true), ('c', NULL, NULL, NULL, NULL)
  AS t(g, i, d, m, f);
CREATE TEMPORARY VIEW none AS SELECT * FROM t WHERE false;

-- case: basic
SELECT count(*), count(1), count(i), count(DISTINCT g), count(g, i) FROM t;
SELECT sum(i), avg(i), min(i), max(i) FROM t;
SELECT sum(d), avg(d), min(d), max(d) FROM t;
SELECT sum(m), avg(m), min(m), max(m) FROM t;
SELECT min(g), max(g), min(f), max(f) FROM t;
SELECT count(*), sum(i), avg(d), min(g), max(m), collect_list(i), first(i) FROM none;
SELECT g, count(*) FROM none GROUP BY g;
SELECT sum(DISTINCT x), avg(DISTINCT x), count(DISTINCT x) FROM VALUES (1), (1), (2), (NULL) AS v(x);
SELECT count(DISTINCT x, y) FROM VALUES (1, 1), (1, 1), (1, 2), (NULL, 1) AS v(x, y);
SELECT g, count(DISTINCT i), sum(DISTINCT i), count(*) FROM t GROUP BY g;
SELECT sum(x), avg(x) FROM VALUES (2147483647), (2147483647) AS v(x);
SELECT sum(x) FROM VALUES (9223372036854775807L), (1L) AS v(x);
SELECT try_sum(x), try_avg(x) FROM VALUES (9223372036854775807L), (1L) AS v(x);
SELECT sum(cast(x AS tinyint)), avg(cast(x AS float)), sum(cast(x AS float)) FROM VALUES (1), (2) AS v(x);
SELECT sum(x), avg(x) FROM VALUES (cast('99999999999999999999999999999999999999' AS decimal(38,0))), (NULL) AS v(x);
SELECT sum(x) FROM VALUES (cast('99999999999999999999999999999999999999' AS decimal(38,0))), (1) AS v(x);
SELECT min(x), max(x) FROM VALUES (double('NaN')), (1.0D), (NULL) AS v(x);
SELECT min(x), max(x) FROM VALUES (date'2020-01-01'), (NULL), (date'1999-12-31') AS v(x);
SELECT min(x), max(x) FROM VALUES (array(1, 2)), (array(0, 5)), (NULL) AS v(x);
SELECT min(x), max(x) FROM VALUES (named_struct('a', 1, 'b', 'z')), (named_struct('a', 1, 'b', 'y')) AS v(x);
SELECT sum('3'), avg('4');
SELECT sum(x), avg(x) FROM VALUES (INTERVAL '1' DAY), (INTERVAL '2' DAY) AS v(x);

-- case: group_by
SELECT g, sum(i) FROM t GROUP BY g;
SELECT g, i, count(*) FROM t GROUP BY g, i;
SELECT g AS k, sum(i) FROM t GROUP BY k;
SELECT g, sum(i) FROM t GROUP BY 1;
SELECT length(g), count(*) FROM t GROUP BY length(g);
SELECT g, sum(i) AS s FROM t GROUP BY ALL;
SELECT i % 2 = 0 AS even, count(*) FROM t GROUP BY even;
SELECT g FROM t GROUP BY g;
SELECT g, sum(i) * 2 + 1, max(i) - min(i) FROM t GROUP BY g;
SELECT count(*) FROM t GROUP BY ();
SELECT x, count(*) FROM VALUES (0.0D), (-0.0D), (double('NaN')), (double('NaN')), (NULL) AS v(x) GROUP BY x;
SELECT x, count(*) FROM VALUES (array(1)), (array(1)), (NULL), (array(NULL)) AS v(x) GROUP BY x;
SELECT x, count(*) FROM VALUES (named_struct('p', 1, 'q', 'a')), (named_struct('p', 1, 'q', 'a')), (NULL) AS v(x) GROUP BY x;
SELECT x, count(*) FROM VALUES (map(1, 2, 3, 4)), (map(3, 4, 1, 2)) AS v(x) GROUP BY x;
SELECT x, count(*) FROM VALUES (X'00'), (X'00'), (X'') AS v(x) GROUP BY x;
SELECT id % 5 AS k, count(*), sum(id), avg(id), min(id), max(id) FROM range(1000) GROUP BY id % 5;
SELECT g, f, sum(d) FROM t GROUP BY g, f ORDER BY g NULLS LAST, f;
SELECT 'const' AS c, count(*) FROM t GROUP BY c;
SELECT count(*) FROM (SELECT id, count(*) FROM range(10000) GROUP BY id HAVING count(*) = 1);

-- case: having
SELECT g, sum(i) AS s FROM t GROUP BY g HAVING s > 2;
SELECT g FROM t GROUP BY g HAVING count(*) > 1;
SELECT g FROM t GROUP BY g HAVING max(d) IS NULL;
SELECT count(*) FROM t HAVING count(*) > 100;
SELECT g, count(*) AS n FROM t GROUP BY g HAVING g IS NOT NULL ORDER BY n DESC, g;
SELECT sum(i) FROM t HAVING max(i) > 1;

-- case: filter
SELECT count(*) FILTER (WHERE i > 1), sum(i) FILTER (WHERE f) FROM t;
SELECT g, count(*) FILTER (WHERE d IS NOT NULL) AS n FROM t GROUP BY g;
SELECT count(DISTINCT g) FILTER (WHERE i > 1) FROM t;
SELECT count_if(i > 1), count_if(f), count_if(NULL) FROM t;

-- case: statistics
SELECT stddev(i), stddev_samp(i), stddev_pop(i), std(i) FROM t;
SELECT variance(i), var_samp(i), var_pop(i) FROM t;
SELECT stddev(x), var_samp(x), stddev_pop(x) FROM VALUES (5) AS v(x);
SELECT stddev(i), var_pop(d) FROM none;
SELECT corr(x, y), covar_pop(x, y), covar_samp(x, y) FROM VALUES (1, 2.0D), (2, 4.5D), (3, 5.0D), (NULL, 1.0D) AS v(x, y);
SELECT skewness(x), kurtosis(x) FROM VALUES (1.0D), (2.0D), (10.0D), (20.0D) AS v(x);
SELECT regr_count(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_avgx(y, x), regr_sxx(y, x) FROM VALUES (1, 2), (2, 3), (3, 7) AS v(x, y);
SELECT percentile(x, 0.5), percentile(x, array(0.25, 0.75)), median(x) FROM VALUES (1), (2), (3), (10) AS v(x);
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x), percentile_disc(0.5) WITHIN GROUP (ORDER BY x) FROM VALUES (1), (2), (3), (10) AS v(x);
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY x DESC) FROM VALUES (1), (2), (3), (10) AS v(x);
SELECT percentile_approx(x, 0.5), approx_percentile(x, array(0.1, 0.9), 100) FROM VALUES (1), (2), (3), (10) AS v(x);
SELECT percentile_approx(id, array(0.25, 0.5, 0.99)) FROM range(1000);
SELECT mode(x), mode(y) FROM VALUES (1, 'a'), (1, 'b'), (2, 'b'), (NULL, 'b') AS v(x, y);
SELECT mode() WITHIN GROUP (ORDER BY x) FROM VALUES (2), (1), (2), (1) AS v(x);
SELECT approx_count_distinct(id % 100), approx_count_distinct(id, 0.01) FROM range(1000);
SELECT approx_count_distinct(x) FROM VALUES (1), (1), (NULL), (2) AS v(x);
SELECT histogram_numeric(x, 3) FROM VALUES (1.0D), (2.0D), (3.0D), (9.0D) AS v(x);
SELECT count_min_sketch(x, 0.5D, 0.5D, 1) IS NOT NULL FROM VALUES (1) AS v(x);
SELECT kurtosis(x), skewness(x), corr(x, x) FROM VALUES (1.0D) AS v(x);

-- case: boolean
SELECT every(f), bool_and(f), any(f), bool_or(f), some(f) FROM t;
SELECT g, bool_and(f), bool_or(f) FROM t GROUP BY g;
SELECT bool_and(f), any(f) FROM none;
SELECT bit_and(x), bit_or(x), bit_xor(x) FROM VALUES (5), (3), (NULL) AS v(x);

-- case: collect
SELECT sort_array(collect_list(g)), sort_array(collect_set(i)) FROM t;
SELECT g, sort_array(collect_list(i)) FROM t GROUP BY g;
SELECT collect_list(i), collect_set(i) FROM none;
SELECT array_sort(array_agg(x)) FROM VALUES (3), (1), (NULL), (2) AS v(x);
SELECT sort_array(collect_set(x)) FROM VALUES (1), (1), (2), (NULL) AS v(x);
SELECT collect_list(struct(x, y)) FROM VALUES (1, 'a') AS v(x, y);
SELECT listagg(x, '-') WITHIN GROUP (ORDER BY x DESC) FROM VALUES ('a'), ('c'), (NULL), ('b') AS v(x);
SELECT string_agg(x, ',') WITHIN GROUP (ORDER BY x), listagg(DISTINCT x) WITHIN GROUP (ORDER BY x) FROM VALUES ('a'), ('a'), ('b') AS v(x);
SELECT map_from_entries(collect_list(struct(k, v))) FROM VALUES ('a', 1) AS v(k, v);

-- case: first_last
SELECT first(x), last(x), any_value(x) FROM VALUES (7) AS v(x);
SELECT first(x, true), last(x, true), first(x) IGNORE NULLS, first_value(x), last_value(x) FROM (SELECT * FROM VALUES (1, NULL), (2, 5), (3, 6), (4, NULL) AS v(k, x) ORDER BY k);
SELECT max_by(g, i), min_by(g, i) FROM t WHERE g IS NOT NULL;
SELECT max_by(x, y), min_by(x, y) FROM VALUES ('a', NULL), ('b', NULL) AS v(x, y);
SELECT g, max_by(i, d) FROM t GROUP BY g;
SELECT max_by(x, y, 2), min_by(x, y, 2) FROM VALUES ('a', 1), ('b', 2), ('c', 3) AS v(x, y);

-- case: grouping_sets
SELECT g, f, sum(i), grouping_id() FROM t GROUP BY GROUPING SETS ((g, f), (g), ());
SELECT g, f, count(*) FROM t GROUP BY CUBE (g, f);
SELECT g, f, count(*), grouping(g), grouping(f), grouping_id(g, f) FROM t GROUP BY ROLLUP (g, f);
SELECT g, count(*) FROM t GROUP BY g WITH ROLLUP;
SELECT g, f, count(*) FROM t GROUP BY g, f WITH CUBE;
SELECT g, f, sum(i) FROM t GROUP BY g, GROUPING SETS ((f), ());
SELECT g, f, i, count(*) FROM t GROUP BY ROLLUP (g), CUBE (f, i);
SELECT g, sum(i) FROM t GROUP BY ROLLUP (g) HAVING grouping(g) = 1;
SELECT CASE WHEN grouping(g) = 1 THEN 'all' ELSE g END AS k, sum(i) FROM t GROUP BY ROLLUP (g) ORDER BY grouping(g), k;
SELECT g, count(DISTINCT i), sum(i) FROM t GROUP BY CUBE (g);
SELECT g, f, avg(d) FROM t GROUP BY GROUPING SETS ((g), (f)) ORDER BY g NULLS LAST, f NULLS LAST, 3;

-- case: errors
SELECT g, i FROM t GROUP BY g;
SELECT g, sum(i) FROM t;
SELECT sum(sum(i)) FROM t;
SELECT g FROM t WHERE sum(i) > 1 GROUP BY g;
SELECT sum(g) FROM t;
SELECT g, grouping(g) FROM t GROUP BY g;
SELECT g FROM t GROUP BY 5;
SELECT g, sum(i) FROM t GROUP BY 2;
SELECT avg(array(1)) FROM t;
SELECT max(map(1, 2)) FROM t;
SELECT percentile(i, 1.5) FROM t;
SELECT count(DISTINCT *) FROM t;
SELECT sum(i, d) FROM t;
SELECT g FROM t GROUP BY g ORDER BY i;
SELECT abs(DISTINCT i) FROM t;
SELECT bit_and(d) FROM t;
SELECT * FROM t GROUP BY g;
