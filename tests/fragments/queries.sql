-- Queries over TPC-H's tables whose answers show every difference in order and in the last bit of a double.
SELECT l_orderkey, sum(cast(l_extendedprice AS double)), avg(cast(l_tax AS float)), stddev(l_quantity), skewness(l_discount), corr(l_quantity, l_extendedprice), first(l_comment), last(l_shipmode) FROM lineitem GROUP BY l_orderkey LIMIT 100000;
SELECT l_shipmode, sum(cast(l_extendedprice AS double) / 3), var_pop(l_tax), kurtosis(l_quantity), count(DISTINCT l_suppkey), approx_count_distinct(l_partkey), max_by(l_orderkey, l_extendedprice) FROM lineitem GROUP BY l_shipmode;
SELECT l_suppkey, collect_list(l_linenumber), min(named_struct('a', l_tax, 'b', l_comment)), percentile(l_quantity, 0.3) FROM lineitem WHERE l_suppkey < 40 GROUP BY l_suppkey;
SELECT sum(x), avg(x) FROM (SELECT cast(o_totalprice AS double) / 7 AS x FROM orders);
SELECT named_struct('s', l_shipmode, 'f', array(l_returnflag)) AS k, count(*), sum(cast(l_tax AS double)) FROM lineitem GROUP BY k;
SELECT monotonically_increasing_id() AS id, spark_partition_id() AS p, rand(7) AS r, c_custkey FROM customer WHERE c_custkey % 50 = 0;
SELECT id, rand(3) AS r, monotonically_increasing_id() AS m, spark_partition_id() AS p FROM range(0, 100000, 1, 5) WHERE id % 100 = 3;
SELECT o_orderpriority, row_number() OVER (PARTITION BY o_orderpriority ORDER BY o_orderdate) AS n, o_orderkey FROM orders WHERE o_orderkey < 2000;
SELECT * FROM (SELECT n_name FROM nation UNION ALL SELECT r_name FROM region UNION ALL SELECT concat('x', id) FROM range(10));
SELECT c_custkey, o_orderkey FROM customer LEFT JOIN orders ON c_custkey = o_custkey AND o_totalprice > 400000 WHERE c_custkey < 500;
SELECT c_custkey, o_orderkey FROM (SELECT * FROM customer WHERE c_custkey < 300) FULL JOIN (SELECT * FROM orders WHERE o_orderkey < 400) ON c_custkey = o_custkey;
SELECT /*+ REPARTITION(5, o_orderkey) */ o_orderkey, spark_partition_id() FROM orders WHERE o_orderkey < 3000;
WITH t AS (SELECT l_suppkey, sum(l_extendedprice) AS s FROM lineitem GROUP BY l_suppkey) SELECT a.l_suppkey, a.s FROM t a JOIN (SELECT max(s) AS m FROM t) b ON a.s = b.m;
SELECT o_orderkey, o_comment FROM orders LIMIT 1000;
SELECT explode(sequence(1, l_linenumber)) AS e, l_orderkey FROM lineitem WHERE l_orderkey < 100;
SELECT sum(sqrt(k)), avg(k / 3.0D) FROM (SELECT DISTINCT l_orderkey % 20000 AS k FROM lineitem);
SELECT sum(DISTINCT sqrt(l_orderkey % 20000)), count(DISTINCT l_suppkey) FROM lineitem;
SELECT cast(c_acctbal / (c_nationkey - 3) AS int) FROM customer;
