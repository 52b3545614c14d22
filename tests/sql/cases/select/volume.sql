-- Many rows in, few out: what crosses batches, threads, partitions and spills must add up the same.
-- setup
CREATE TEMPORARY VIEW big AS SELECT id, id % 1000 AS k, id % 7 AS g, concat('key-', id % 997) AS s, (id * 7919) % 10007 AS r, id / 3.0D AS d, CASE WHEN id % 11 = 0 THEN NULL ELSE id END AS n FROM range(0, 50000, 1, 5);
CREATE TEMPORARY VIEW dim AS SELECT id AS k, concat('name ', id) AS name, id % 10 AS c FROM range(0, 1500, 1, 3);

-- case: aggregate
SELECT count(*), sum(n), count(n), min(s), max(s), count(DISTINCT s), count(DISTINCT r) FROM big;
SELECT g, count(*), sum(id), count(DISTINCT k), avg(n), min(s), max(s) FROM big GROUP BY g ORDER BY g;
SELECT count(*), sum(c), max(c) FROM (SELECT s, count(*) AS c FROM big GROUP BY s);
SELECT count(*), sum(t) FROM (SELECT id, s, sum(n) AS t FROM big GROUP BY id, s);
SELECT sum(length(a)), count(*) FROM (SELECT s, concat_ws(',', sort_array(collect_list(string(id)))) AS a FROM big GROUP BY s);
SELECT g, k % 3 AS m, count(*), sum(r) FROM big GROUP BY CUBE (g, k % 3) ORDER BY g, m;
SELECT g, approx_count_distinct(s), percentile(r, 0.5), median(k) FROM big GROUP BY g ORDER BY g;
SELECT g, bool_and(n IS NULL), max_by(s, id), min_by(id, r) FROM big WHERE id < 10007 GROUP BY g ORDER BY g;

-- case: join
SELECT count(*), sum(b.id), count(DISTINCT d.name) FROM big b JOIN dim d ON b.k = d.k;
SELECT count(*), count(d.k), sum(d.c) FROM big b LEFT JOIN dim d ON b.k = d.k + 500;
SELECT count(*), count(b.id), count(d.k) FROM big b FULL JOIN dim d ON b.r = d.k;
SELECT count(*), sum(id) FROM big b LEFT SEMI JOIN dim d ON b.r = d.k;
SELECT count(*), sum(id) FROM big b LEFT ANTI JOIN dim d ON b.r = d.k AND d.c > 5;
SELECT count(*) FROM big WHERE s IN (SELECT concat('key-', k) FROM dim WHERE c = 3);
SELECT count(*) FROM big WHERE n NOT IN (SELECT k FROM dim);
SELECT d.c, count(*), sum(a.id - b.id) FROM big a JOIN big b ON a.id = b.id + 1 JOIN dim d ON a.k = d.k GROUP BY d.c ORDER BY d.c;
SELECT count(*), sum(x.k) FROM dim x JOIN dim y ON x.c = y.c AND x.k < y.k;
SELECT count(*) FROM dim x JOIN dim y ON x.k BETWEEN y.k - 1 AND y.k + 1;
SELECT count(*), min(b.s), max(d.name) FROM big b JOIN dim d ON b.s = concat('key-', d.k) AND b.id > d.k;

-- case: sort
SELECT id, s, r FROM big ORDER BY r DESC, id LIMIT 5;
SELECT id, s FROM big ORDER BY s, id OFFSET 49995;
SELECT id, n FROM big ORDER BY n NULLS FIRST, id DESC LIMIT 4;
SELECT sum(CASE WHEN id >= p THEN 0 ELSE 1 END) FROM (SELECT id, lag(id, 1, -1) OVER (ORDER BY id) AS p FROM big);
SELECT id, d FROM big ORDER BY d DESC LIMIT 3;

-- case: window
SELECT sum(rn), max(rn) FROM (SELECT row_number() OVER (PARTITION BY k ORDER BY r, id) AS rn FROM big);
SELECT g, max(t) FROM (SELECT g, sum(id) OVER (PARTITION BY g ORDER BY id ROWS BETWEEN 100 PRECEDING AND CURRENT ROW) AS t FROM big) GROUP BY g ORDER BY g;
SELECT sum(a), sum(b) FROM (SELECT rank() OVER (PARTITION BY g ORDER BY k) AS a, dense_rank() OVER (PARTITION BY g ORDER BY k) AS b FROM big);
SELECT count(*) FROM (SELECT id, r, max(r) OVER (PARTITION BY k) AS m FROM big) WHERE r = m;
SELECT sum(x) FROM (SELECT ntile(100) OVER (ORDER BY r, id) AS x FROM big);

-- case: sets
SELECT count(*) FROM (SELECT s FROM big UNION SELECT name FROM dim);
SELECT count(*), sum(k) FROM (SELECT k FROM big INTERSECT SELECT k FROM dim);
SELECT count(*), sum(k) FROM (SELECT k FROM dim EXCEPT SELECT k FROM big);
SELECT count(*) FROM (SELECT k FROM big EXCEPT ALL SELECT k FROM dim);
SELECT count(*) FROM (SELECT DISTINCT g, s, k FROM big);

-- case: expressions
SELECT count(*), sum(length(upper(s))), sum(CASE WHEN s LIKE '%9' THEN 1 ELSE 0 END) FROM big;
SELECT sum(size(split(s, '-'))), count(DISTINCT substring(s, -1)), max(reverse(s)) FROM big;
SELECT count(*), sum(x) FROM (SELECT explode(array(id, k, n)) AS x FROM big WHERE id < 5000);
SELECT sum(aggregate(transform(sequence(1, int(g + 1)), x -> x * k), 0L, (a, x) -> a + x)) FROM big;
SELECT count(*) FROM big WHERE s RLIKE '^key-[13579]+$' AND (n > 100 OR n IS NULL) AND NOT (g = 3 AND k > 500);
SELECT sum(hash(id, s, d)), sum(xxhash64(s, n) % 1000003), sum(crc32(s)) FROM big WHERE id < 3000;
SELECT sum(cast(d AS decimal(20, 6))), sum(round(d, 2)), min(cast(d AS string)), max(date_add(date'2000-01-01', int(k))) FROM big;
SELECT year(x) AS y, count(*), max(x) FROM (SELECT timestamp_seconds(id * 86400) AS x FROM big) GROUP BY year(x) ORDER BY y LIMIT 6;
