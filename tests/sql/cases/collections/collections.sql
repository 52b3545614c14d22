-- Arrays, maps and structs: construction, access, functions; higher-order functions.
-- setup
CREATE TEMPORARY VIEW a AS SELECT * FROM VALUES (1, array(3, 1, 2)), (2, array()), (3, NULL), (4, array(NULL, 5, 5)), (5, array(7)) AS a(id, xs);
CREATE TEMPORARY VIEW m AS SELECT * FROM VALUES (1, map('a', 1, 'b', 2)), (2, map()), (3, NULL), (4, map('z', NULL)) AS m(id, kv);

-- case: construct
SELECT array(), array(1, 2), array(array(1), array()), array(1, NULL), map(), map('a', 1, 'b', 2), map_from_arrays(array('a', 'b'), array(1, 2)), map_from_entries(array(struct('a', 1))), struct(), struct(1, 'a'), named_struct('x', 1, 'y', NULL), str_to_map('a:1,b:2'), str_to_map('a=1;b', ';', '='), array_repeat('x', 3), sequence(1, 5), sequence(5, 1, -2), sequence(1, 1), arrays_zip(array(1, 2), array('a', 'b', 'c')), array_repeat(1, -1);
SELECT map('a', 1, 'a', 2);
SELECT map(NULL, 1);
SELECT map_from_arrays(array('a', NULL), array(1, 2));
SELECT map_from_arrays(array('a'), array(1, 2));
SELECT map(map(1, 2), 3);
SELECT sequence(1, 5, -1);
SELECT map('a', 1, 'b');

-- case: access
SELECT array(1, 2, 3)[0], array(1, 2, 3)[2], element_at(array(1, 2, 3), 1), element_at(array(1, 2, 3), -1), get(array(1, 2, 3), 5), get(array(1), -1), try_element_at(array(1, 2), 5), map('a', 1)['a'], element_at(map('a', 1), 'a'), element_at(map('a', 1), 'zz'), map('a', 1)['zz'], named_struct('x', 5).x, named_struct('x', struct(1 AS y)).x.y, array(struct(1 AS q), struct(2 AS q)).q AS qs, array(1)[NULL], map('a', 1)[NULL], try_element_at(map(1, 2), 9);
SELECT array(1, 2)[5];
SELECT array(1, 2)[-1];
SELECT element_at(array(1, 2), 5);
SELECT element_at(array(1, 2), 0);
SELECT named_struct('x', 1).nope;
SELECT array(1)['a'];
SELECT (1).x;
SELECT id, xs[0] FROM a WHERE size(xs) > 0;
SELECT id, kv['a'], kv['z'] FROM m;

-- case: array_basics
SELECT id, size(xs), cardinality(xs), array_size(xs), array_contains(xs, 5), array_position(xs, 5), array_min(xs), array_max(xs) FROM a;
SELECT id, sort_array(xs), sort_array(xs, false), array_sort(xs), array_distinct(xs), reverse(xs), array_remove(xs, 5), array_compact(xs) FROM a;
SELECT id, array_append(xs, 9), array_prepend(xs, 0), array_insert(xs, 2, 99), slice(xs, 2, 2), slice(xs, -1, 1), array_join(xs, ','), array_join(xs, ',', 'null') FROM a;
SELECT array_union(array(1, 2, NULL), array(2, 3, NULL)), array_intersect(array(1, 2, NULL), array(2, NULL)), array_except(array(1, 2, 2, NULL), array(2)), arrays_overlap(array(1, 2), array(2)), arrays_overlap(array(1, NULL), array(2)), arrays_overlap(array(), array(1)), flatten(array(array(1, 2), array(3), array())), flatten(array(array(1), NULL)), concat(array(1), cast(NULL AS array<int>)), concat(array(1), array(2L)), array_contains(array(1, NULL), 2), array_contains(array(1, NULL), 1);
SELECT concat(array(1), NULL);
SELECT array('a', 1.5);
SELECT slice(array(1, 2, 3), 0, 1);
SELECT slice(array(1, 2, 3), 1, -1);
SELECT array_insert(array(1, 2), 5, 9), array_insert(array(1, 2), -1, 9), array_insert(array(1, 2), -5, 9), array_position(array(1, NULL), NULL), array_remove(array(1, NULL), NULL), array_min(array()), array_max(array(double('NaN'), 1.0D)), sort_array(array('b', NULL, 'a')), array_sort(array('b', NULL, 'a')), array_distinct(array(0.0D, -0.0D, double('NaN'), double('NaN'))), array_repeat(NULL, 2), size(NULL), shuffle(array(1)), array_size(NULL);
SELECT array_contains(array(1), 'a');
SELECT array_union(array(1), array('a'));
SELECT concat(array(1), 'a');
SELECT array_insert(array(1), 0, 1);
SELECT sort_array(array(map(1, 2)));
SELECT array(1, 2) = array(1, 2), array(1, 2) < array(1, 3), array(1) < array(1, 0), array(NULL) = array(NULL), array(1) <=> NULL, struct(1, 2) = struct(1, 2), struct(1, 'b') > struct(1, 'a'), struct(1, NULL) = struct(1, NULL), struct(NULL, 1) < struct(0, 1);

-- case: maps
SELECT id, map_keys(kv), map_values(kv), map_entries(kv), size(kv), map_contains_key(kv, 'a') FROM m;
SELECT map_concat(map('a', 1), map('b', 2)), map_concat(), map_concat(map('a', 1), cast(NULL AS map<string, int>)), map_from_entries(array(struct('a', 1), NULL)), str_to_map(''), str_to_map(NULL), map('a', 1)['A'], cast(map('a', 1) AS map<string, string>);
SELECT map_concat(map('a', 1), map('a', 2));
SELECT map('a', 1) = map('a', 1);
SELECT map_contains_key(map(1, 2), 'a');
SELECT count(DISTINCT kv) FROM m;
SELECT kv FROM m ORDER BY kv;
SELECT map_keys(1);

-- case: dedup_last_win
-- config: spark.sql.mapKeyDedupPolicy=LAST_WIN
SELECT map('a', 1, 'a', 2), map_concat(map('a', 1, 'b', 5), map('a', 2)), map_from_arrays(array(1, 1), array('x', 'y'));

-- case: higher_order
SELECT any_match(array(1), x -> true);
SELECT id, transform(xs, x -> x + 1), transform(xs, (x, i) -> x * i), filter(xs, x -> x > 1), filter(xs, (x, i) -> i = 0), exists(xs, x -> x = 5), forall(xs, x -> x > 0) FROM a;
SELECT id, aggregate(xs, 0, (acc, x) -> acc + coalesce(x, 0)), reduce(xs, 0, (acc, x) -> acc + coalesce(x, 0), acc -> acc * 10) FROM a;
SELECT id, transform_keys(kv, (k, v) -> upper(k)), transform_values(kv, (k, v) -> coalesce(v, 0) + 1), map_filter(kv, (k, v) -> v > 1) FROM m;
SELECT zip_with(array(1, 2), array(10, 20, 30), (x, y) -> coalesce(x, 0) + y), map_zip_with(map('a', 1, 'b', 2), map('a', 10, 'c', 30), (k, v1, v2) -> concat(k, v1, v2)), array_sort(array(3, 1, 2), (l, r) -> r - l), array_sort(array('bb', 'a', 'ccc'), (l, r) -> length(l) - length(r)), transform(array(array(1, 2), array(3)), x -> transform(x, y -> y * size(x))), aggregate(array('a', 'b'), '', (acc, x) -> acc || x), exists(array(1, NULL), x -> x > 5), forall(array(1, NULL), x -> x > 0);
SELECT id, transform(xs, x -> x + id) FROM a;
SELECT transform(array(1), x -> y);
SELECT transform(array(1), (x, y, z) -> x);
SELECT filter(array(1), x -> x + 1);
SELECT transform_keys(map('a', 1, 'b', 2), (k, v) -> 'same');
SELECT transform(array(0, 1), x -> 1 / x);
SELECT aggregate(array(1, 2), 0, (acc, x) -> acc + 1.5);

-- case: structs
SELECT struct(id, size(xs)) AS st FROM a;
SELECT named_struct('a', 1, 'a', 2), struct(1 AS p, 2), struct(id.*) FROM (SELECT struct(5 AS z) AS id);
SELECT named_struct('a');
SELECT named_struct(1, 2);
SELECT st.*, st.p + 1 FROM (SELECT named_struct('p', 1, 'q', array(1)) AS st);
SELECT inline(array(named_struct('x', 1, 'y', 'a'), named_struct('x', 2, 'y', NULL)));
SELECT inline_outer(CAST(NULL AS array<struct<x: int>>));
SELECT typeof(struct(1, 'a')), typeof(map('a', 1.5)), typeof(array(1L)), typeof(NULL), typeof(named_struct('x', array(date'2020-01-01'))), typeof(INTERVAL '1' DAY), typeof(1.50), typeof(X'00'), typeof('a'), typeof(1Y), typeof(1F);
