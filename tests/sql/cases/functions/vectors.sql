-- Functions of vectors: arrays of FLOAT.
-- setup
CREATE TEMPORARY VIEW v AS SELECT * FROM VALUES (1, 'a', array(1F, 2F)), (2, 'a', array(3F, 4F)), (3, 'b', array(0.1F, 1e10F)), (4, 'b', CAST(NULL AS ARRAY<FLOAT>)), (5, 'c', array(1F, NULL)) AS v(id, g, x);

-- case: products
-- unordered
SELECT id, vector_inner_product(x, array(0.5F, 2F)) FROM v;
SELECT id, vector_l2_distance(x, array(0.5F, 2F)) FROM v;
SELECT id, vector_cosine_similarity(x, array(0.5F, 2F)) FROM v;
SELECT vector_inner_product(array(), array()), vector_l2_distance(array(), array()), vector_cosine_similarity(array(), array());
SELECT vector_cosine_similarity(array(0F, 0F), array(1F, 1F)), vector_inner_product(array(float('NaN')), array(1F)), vector_l2_distance(array(float('Infinity')), array(1F));
SELECT vector_inner_product(array(0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F, 0.7F, 0.8F, 0.9F, 1.1F), array(1.1F, 1.2F, 1.3F, 1.4F, 1.5F, 1.6F, 1.7F, 1.8F, 1.9F, 2.1F));

-- case: products_errors
SELECT vector_inner_product(array(1F), array(1F, 2F));
SELECT vector_l2_distance(array(1F), array(1F, 2F));
SELECT vector_cosine_similarity(array(1D), array(1D));
SELECT vector_inner_product(array(1), array(1));
SELECT vector_inner_product(array(1F), NULL);

-- case: norms
-- unordered
SELECT id, vector_norm(x), vector_norm(x, 1F), vector_norm(x, 2F), vector_norm(x, float('Infinity')) FROM v;
SELECT id, vector_normalize(x), vector_normalize(x, 1F), vector_normalize(x, float('Infinity')) FROM v;
SELECT vector_norm(array()), vector_normalize(array()), vector_normalize(array(0F, 0F)), vector_norm(array(1F), NULL);
SELECT vector_norm(array(1F), 3F);
SELECT vector_normalize(array(1F), 0F);
SELECT vector_norm(array(1D));
SELECT vector_norm(x, CAST(id AS FLOAT)) FROM v WHERE id < 3;

-- case: aggregates
-- unordered
SELECT g, vector_sum(x), vector_avg(x) FROM v WHERE id < 5 GROUP BY g;
SELECT vector_sum(x), vector_avg(x) FROM v WHERE id = 4;
SELECT vector_sum(x), vector_avg(x) FROM v WHERE id > 100;
SELECT vector_sum(x), vector_avg(x) FROM v WHERE id IN (1, 5);
SELECT vector_sum(y) FROM VALUES (array(1F)), (array(1F, 2F)) AS t(y);
SELECT vector_avg(y) FROM VALUES (array(1F)), (array(1F, 2F)) AS t(y);
SELECT vector_sum(array(1));
SELECT vector_avg(y), vector_sum(y) FROM VALUES (array(0.1F, 1F)), (array(0.2F, 2F)), (array(0.3F, 4F)) AS t(y);
SELECT id, vector_sum(x) OVER (ORDER BY id) FROM v WHERE id < 4;
DESCRIBE FUNCTION nosuch;
