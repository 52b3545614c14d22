-- JSON, CSV, XML and variant functions.
-- case: get_json_object
SELECT get_json_object('{"a": 1, "b": {"c": [1, 2, {"d": "x"}]}}', '$.a'), get_json_object('{"a": {"b": "text"}}', '$.a'), get_json_object('{"b": {"c": [1, 2, {"d": "x"}]}}', '$.b.c[2].d'), get_json_object('{"b": [1, 2]}', '$.b[*]'), get_json_object('[{"a": 1}, {"a": 2}]', '$[*].a'), get_json_object('{"a": "x\\ny"}', '$.a'), get_json_object('{"a": null}', '$.a'), get_json_object('{"a": true}', '$.a'), get_json_object('{"a": 1.50}', '$.a'), get_json_object('{bad', '$.a'), get_json_object('{"a b": 1}', "$['a b']"), get_json_object('{"a": 1}', '$'), get_json_object(NULL, '$.a'), get_json_object('{"a": 1}', 'a'), get_json_object('{"a":[{"b":1},{"b":2}]}', '$.a.b'), get_json_object("{'a': 1}", '$.a'), get_json_object('{"a": 1e3}', '$.a');
SELECT k, json_tuple(j, 'a', 'b') FROM VALUES (1, '{"a": 1, "b": "x"}'), (2, '{"a": {"z": 1}}'), (3, 'junk'), (4, NULL) AS v(k, j);
SELECT json_tuple('{"a": 1}', 'a', 'z') AS (x, y);

-- case: from_json
SELECT from_json('{"a": 1, "b": 0.8}', 'a INT, b DOUBLE'), from_json('{"a": "x"}', 'a INT'), from_json('{bad', 'a INT'), from_json(NULL, 'a INT'), from_json('{"a": 1, "z": 5}', 'a BIGINT'), from_json('{}', 'a INT'), from_json('[1, 2]', 'array<int>'), from_json('{"k": 1, "l": 2}', 'map<string, int>'), from_json('[{"a": 1}, {"a": 2}]', 'array<struct<a: int>>'), from_json('{"t": "26/08/2015"}', 't TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy')), from_json('{"d": "2020-01-01"}', 'd DATE'), from_json('{"a": 1.5}', 'a INT'), from_json('{"a": "1"}', 'a STRING'), from_json('{"a": {"b": 1}}', 'a STRING'), from_json('{"A": 1}', 'a INT'), from_json('{"m": 12.345}', 'm DECIMAL(5,2)');
SELECT from_json('{"a": 1', 'a INT', map('mode', 'FAILFAST'));
SELECT from_json('{"a": 1', 'a INT, _corrupt_record STRING', map('columnNameOfCorruptRecord', '_corrupt_record'));
SELECT from_json('{"a": 1}', 'not a schema!');
SELECT from_json('{"a": true, "b": [1, null], "c": {"d": "e"}}', schema_of_json('{"a": true, "b": [1], "c": {"d": "e"}}'));
SELECT from_json(x, 'a INT, b STRING').a, from_json(x, 'a INT, b STRING').b FROM VALUES ('{"a": 1, "b": "q"}'), ('{"b": 5}'), ('x') AS v(x);

-- case: to_json
SELECT to_json(struct(1 AS a, 'x' AS b, NULL AS c)), to_json(array(1, NULL)), to_json(map('k', 1.5D)), to_json(named_struct('d', date'2020-01-01', 't', timestamp'2020-01-01 10:00:00')), to_json(named_struct('x', X'4142', 'f', 1e10D, 'n', 1.50)), to_json(array(struct(1 AS a))), to_json(named_struct('s', 'a"b\\c\n/é')), to_json(struct(NULL AS a), map('ignoreNullFields', 'false')), to_json(named_struct('t', timestamp'2020-01-01 10:00:00'), map('timestampFormat', 'dd/MM/yyyy')), to_json(NULL::struct<a: int>), to_json(named_struct('d', double('NaN'))), to_json(struct(array() AS e, map() AS m));
SELECT to_json(1);
SELECT to_json(named_struct('i', INTERVAL '1' DAY, 'b', true, 'l', 5L, 'arr', array(array(1))));

-- case: schema_and_length
SELECT schema_of_json('{"a": 1, "b": [1.5, 2], "c": {"d": null}}'), schema_of_json('[{"x": "s"}, {"y": true}]'), schema_of_json('5'), schema_of_json('{"a": 12345678901}'), json_array_length('[1, 2, [3]]'), json_array_length('{"a": 1}'), json_array_length('[]'), json_object_keys('{"a": 1, "b": {"c": 2}}'), json_object_keys('[1]'), json_object_keys('{}'), is_variant_null(parse_json('null'));

-- case: csv
SELECT from_csv('1, x, 2.5', 'a INT, b STRING, c DOUBLE'), from_csv('a;b', 'x STRING, y STRING', map('sep', ';')), from_csv('bad', 'a INT'), from_csv(NULL, 'a INT'), from_csv('1', 'a INT, b INT'), to_csv(struct(1 AS a, 'x,y' AS b, NULL AS c)), to_csv(named_struct('t', timestamp'2020-01-01 10:00:00', 'd', date'2020-01-01')), schema_of_csv('1,abc,2.5,2020-01-01'), to_csv(struct('a"b', ' s '), map('sep', '|'));

-- case: variant
SELECT parse_json('{"a": [1, "x", null, 2.5, true]}'), to_json(parse_json('{"b":1,"a":{"c":2}}')), variant_get(parse_json('{"a": 1}'), '$.a', 'int'), try_variant_get(parse_json('{"a": "x"}'), '$.a', 'int'), schema_of_variant(parse_json('{"a": [1, 2.5]}')), try_parse_json('{bad'), parse_json('{"a": 5}'):a::int, typeof(parse_json('1')), cast(parse_json('[1,2]') AS array<int>), variant_get(parse_json('{"a": 1}'), '$.z', 'int');
SELECT parse_json('{bad');
SELECT variant_get(parse_json('{"a": "x"}'), '$.a', 'int');

-- case: xml
SELECT from_xml('<p><a>1</a><b>0.8</b></p>', 'a INT, b DOUBLE'), xpath_string('<a><b>x</b></a>', 'a/b'), xpath('<a><b>1</b><b>2</b></a>', 'a/b/text()'), xpath_int('<a><b>1</b><b>2</b></a>', 'sum(a/b)'), xpath_boolean('<a><b>1</b></a>', 'a/b');
