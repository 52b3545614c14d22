-- Functions that no other file calls.
-- case: predicates_and_names
SELECT equal_null(1, 1), equal_null(NULL, NULL), equal_null(1, NULL), isnull(NULL), isnotnull(1), ilike('ABC', 'a%'), rlike('abc', 'b'), len('abc'), character_length('é'), datepart('year', date'2024-05-06'), timestamp('2024-01-01 10:00:00'), try_make_timestamp_ntz(2024, 1, 1, 25, 0, 0), try_make_timestamp_ltz(2024, 1, 1, 0, 0, 0), try_parse_url('http://h/p', 'HOST'), try_parse_url('http://a b', 'HOST');
SELECT or(true, false), div(7, 2), collate('a', 'UTF8_LCASE');
SELECT monotonically_increasing_id(), spark_partition_id(), input_file_name() FROM range(0, 3, 1, 1);
SELECT typeof(user()), typeof(session_user()), typeof(input_file_block_length());

-- case: aggregates
SELECT mean(x), regr_avgy(y, x), regr_sxy(y, x), regr_syy(y, x) FROM VALUES (1, 2), (2, 3), (3, 7) AS v(x, y);
SELECT bitmap_count(bitmap_construct_agg(bitmap_bit_position(id))), bitmap_bucket_number(40000), bitmap_bit_position(40000) FROM range(10);
SELECT hll_sketch_estimate(hll_sketch_agg(id)) FROM range(100);
SELECT schema_of_variant_agg(parse_json(x)) FROM VALUES ('{"a": 1}'), ('{"b": "x"}') AS v(x);
SELECT approx_top_k(x, 2) FROM VALUES ('a'), ('a'), ('a'), ('b'), ('b'), ('c') AS v(x);

-- case: xml_and_variant
SELECT to_xml(named_struct('a', 1, 'b', 'x')), schema_of_xml('<p><a>1</a></p>'), xpath_double('<a><b>1.5</b></a>', 'a/b'), xpath_long('<a><b>2</b></a>', 'a/b'), xpath_short('<a><b>2</b></a>', 'a/b'), xpath_number('<a><b>x</b></a>', 'a/b');
SELECT is_valid_variant(parse_json('1')), to_json(to_variant_object(named_struct('a', 1, 'b', array(1.5)))) ;
SELECT * FROM variant_explode(parse_json('["x", {"k": 2}]'));
SELECT pos, key, to_json(value) FROM variant_explode_outer(parse_json('{"a": 1, "b": null}'));

-- case: vectors
SELECT vector_inner_product(array(1F, 2F), array(3F, 4F)), vector_l2_distance(array(1F, 2F), array(4F, 6F)), vector_cosine_similarity(array(1F, 0F), array(1F, 0F)), vector_norm(array(3F, 4F), 2F);
