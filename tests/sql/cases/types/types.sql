-- Literals of every form and the types they get; wide and empty things; nullability in schemas.
-- case: numbers
SELECT 1, -1, 2147483647, 2147483648, -2147483648, 9223372036854775807, 9223372036854775808, 1Y, 1S, 1L, 1F, 1D, 1BD, 1.0, .5, 5., 1e3, 1E-3, 1.5e2D;
SELECT 0x1F;
SELECT 1.5e2, 1e3BD, 123.456BD, 1e10, 12345678901234567890.12345;
SELECT 300Y;
SELECT 99999999999999999999L;
SELECT 1e400;
SELECT 123456789012345678901234567890123456789;
SELECT -128Y, -32768S, -9223372036854775808L, +1, - -1;

-- case: others
SELECT true, false, NULL, TRUE = true, X'1F', x'', X'ABC';
SELECT X'GG';
SELECT date'2020-01-01', DATE '2020', date'1', timestamp'2020-01-01', timestamp'2020-01-01 10:00:00 Europe/Berlin', timestamp_ltz'2020-01-01 10:00:00', timestamp_ntz'2020-01-01 10:00:00', timestamp'2020-01-01 10:00:00+01:00';
SELECT INTERVAL '1' DAY, INTERVAL '1 2' DAY TO HOUR, INTERVAL '1:2' HOUR TO MINUTE, INTERVAL '1 02:03:04.567' DAY TO SECOND, INTERVAL 5 MINUTES, INTERVAL -3 SECONDS, INTERVAL '-1 02:03' DAY TO MINUTE, INTERVAL 1 WEEK, INTERVAL 10 MILLISECONDS, INTERVAL '2 days 3 hours';
SELECT string(INTERVAL '1-2' YEAR TO MONTH), string(INTERVAL 3 YEARS), string(INTERVAL '5' MONTH), string(INTERVAL 1 YEAR 2 MONTHS);
SELECT string(INTERVAL '1' YEAR);
SELECT INTERVAL 'x' DAY;
SELECT INTERVAL '1 25' DAY TO HOUR;
SELECT INTERVAL 1 FORTNIGHT;
SELECT nosuchtype'x';
SELECT cast(1 AS nosuchtype);

-- case: nullability
SELECT 1 AS a, NULL AS b, id AS c, id + 1 AS d, coalesce(NULL, id) AS e, id / 2 AS f, if(id > 0, id, NULL) AS g, array(id) AS h, map('k', id) AS i, struct(id, NULL) AS j FROM range(1);
SELECT count(*) AS n, sum(id) AS s, collect_list(id) AS l, max(id) AS m, first(id) AS f FROM range(3);
SELECT a.id, b.id AS bid FROM range(1) a LEFT JOIN range(1) b ON a.id = b.id;
SELECT a.id, b.id AS bid FROM range(1) a FULL JOIN range(1) b ON a.id = b.id;
SELECT row_number() OVER (ORDER BY id) AS rn, lag(id) OVER (ORDER BY id) AS l, sum(id) OVER (ORDER BY id) AS s FROM range(1);
SELECT id, id IS NULL AS a, id = 1 AS b, id <=> NULL AS c, id IN (1, 2) AS d, EXISTS (SELECT 1) AS e, (SELECT 1) AS f FROM range(1);
SELECT x, length(x), upper(x), cast(x AS int), try_cast(x AS int) FROM VALUES ('1') AS v(x);
SELECT id FROM range(1) UNION ALL SELECT NULL;
SELECT explode(array(1, 2)) AS e, explode(map('a', NULL)) FROM range(1);
SELECT explode_outer(array(1)) AS e;
SELECT date_add(date'2020-01-01', 1) AS a, to_date('2020-01-01') AS b, current_date() IS NULL AS c, split('a', ',') AS d, element_at(array(1), 1) AS e, size(array(1)) AS f, concat('a', 'b') AS g, round(1.5) AS h;

-- case: decimals
SELECT cast(1 AS decimal(38,37)), cast(-0.1 AS decimal(1,1)), cast('0.00' AS decimal(5,2)), 0.0, 000.100, 1.10 = 1.1, cast(1.10 AS string), cast(1e-10 AS decimal(20,15));

-- case: names
SELECT 1 + 1, 'a' || 'b', count(*), sum(DISTINCT 1), CASE WHEN true THEN 1 ELSE 0 END, cast('1' AS int), -1, NOT true, 1 = 1 AND 2 > 1, 1 IN (1, 2), 'a' LIKE 'b', array(1)[0], map('a', 1)['a'], coalesce(NULL, 1), date'2020-01-01', X'0A', 1.50, 1.5D, 1L, INTERVAL '1' DAY;
SELECT 1 BETWEEN 0 AND 2, 1 IS NULL, NOT 1 IS NULL, 1 <> 2, 1 != 2, 1 <=> 2, 5 div 2, 5 % 2, ~1, if(true, 1, 2), nvl(1, 2), substring('abc', 1, 2), extract(YEAR FROM date'2020-01-01'), trim(' a '), position('a' IN 'b'), 1 :: string, try_cast('1' AS int), count(DISTINCT 1, 2), max(1) FILTER (WHERE true);
SELECT t.id, id * 2, named_struct('a', id).a, struct(id).id, row_number() OVER (PARTITION BY id ORDER BY id DESC) FROM range(1) t;
SELECT lower('A'), year(date'2020-01-01'), date_add(date'2020-01-01', 1), round(1.234, 2), concat('a', 'b'), transform(array(1), x -> x + 1), nullif(1, 2), current_catalog(), timestamp'2020-01-01 00:00:00', stack(1, 1), (SELECT 1), EXISTS (SELECT 1), 1 IN (SELECT 1), "x", `id` FROM range(1);

-- case: wide_and_deep
SELECT 1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1 AS x;
SELECT ((((((((((((((((((((1)))))))))))))))))))) AS x;
SELECT length(repeat('x', 100000)), size(sequence(1, 10000)), length(array_join(sequence(1, 1000), ','));
