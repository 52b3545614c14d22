-- What a function is told once must be constant, and not NULL; what map() is made of, of one type.
-- setup
CREATE TEMPORARY VIEW told AS SELECT * FROM VALUES (1, 0.5D, array(0.5D), 10, true, 'x', 3L), (2, 0.25D, array(0.1D), 20, false, 'y', 4L) AS told(i, p, ps, acc, b, s, l);

-- case: rounding
SELECT round(p, i) FROM told;
SELECT bround(p, i) FROM told;
SELECT ceil(p, i) FROM told;
SELECT floor(p, i) FROM told;
SELECT try_to_binary('abc', s) FROM told;

-- case: percentages
SELECT percentile(i, p) FROM told;
SELECT percentile(i, ps) FROM told;
SELECT percentile(i, NULL) FROM told;
SELECT percentile(i, 0.5, l) FROM told;
SELECT percentile(i, array(0.25, 0.5), 1000000000000) FROM told;
SELECT percentile(i, 0.5, -1) FROM told;
SELECT percentile_approx(i, p) FROM told;
SELECT percentile_approx(i, 0.5, acc) FROM told;
SELECT percentile_approx(i, NULL) FROM told;
SELECT percentile_approx(i, 0.5, NULL) FROM told;
SELECT percentile_approx(s, 0.5) FROM told WHERE i = 1;
SELECT percentile_cont(p) WITHIN GROUP (ORDER BY i) FROM told;
SELECT histogram_numeric(i, acc) FROM told;
SELECT histogram_numeric(i, NULL) FROM told;

-- case: others
SELECT first(i, b) FROM told;
SELECT last(i, NULL) FROM told;
SELECT listagg(s, s) FROM told;
SELECT from_csv(s, 'a INT', CAST(NULL AS MAP<STRING, STRING>)) FROM told;
SELECT schema_of_csv(s) FROM told;
SELECT get_struct_field(named_struct('a', 1), 'a');

-- case: maps
SELECT map(1, array(1), 2, 'x');
SELECT map(1, 2, array(1), 3);
SELECT map_from_entries(array(named_struct('a', 1)));
SELECT map_from_entries(array(named_struct('a', map(1, 2), 'b', 2)));
SELECT size(NULL);
