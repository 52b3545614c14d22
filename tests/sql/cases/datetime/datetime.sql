-- Dates, timestamps, intervals and their patterns. The session zone is UTC but where a case says otherwise.
-- setup
CREATE TEMPORARY VIEW d AS SELECT * FROM VALUES (1, date'2024-02-29'), (2, date'1970-01-01'), (3, date'1582-10-15'), (4, date'0001-01-01'), (5, date'9999-12-31'), (6, NULL) AS d(id, x);
CREATE TEMPORARY VIEW ts AS SELECT * FROM VALUES (1, timestamp'2024-03-10 01:59:59.999999'), (2, timestamp'1969-12-31 23:59:59.5'), (3, timestamp'1900-01-01 00:00:00'), (4, NULL) AS ts(id, x);

-- case: date_parts
SELECT id, year(x), month(x), day(x), dayofmonth(x), dayofweek(x), weekday(x), dayofyear(x), weekofyear(x), quarter(x), last_day(x) FROM d;
SELECT id, extract(YEAR FROM x), extract(YEAROFWEEK FROM x), extract(WEEK FROM x), extract(DOW FROM x), extract(DOW_ISO FROM x), extract(DOY FROM x), date_part('quarter', x) FROM d;
SELECT id, hour(x), minute(x), second(x), extract(SECOND FROM x), date_part('MINUTE', x), unix_timestamp(x), unix_micros(x), unix_millis(x), unix_seconds(x) FROM ts;
SELECT id, dayname(x), monthname(x), unix_date(x), date_from_unix_date(unix_date(x)) FROM d;
SELECT extract(DAY FROM INTERVAL '3 04:05:06.7' DAY TO SECOND), extract(HOUR FROM INTERVAL '3 04:05:06.7' DAY TO SECOND), extract(SECOND FROM INTERVAL '3 04:05:06.7' DAY TO SECOND), extract(MONTH FROM INTERVAL '1-5' YEAR TO MONTH), extract(YEAR FROM INTERVAL '1-5' YEAR TO MONTH);

-- case: date_arithmetic
SELECT id, x + 1, x - 1, date_add(x, 30), date_sub(x, 30) FROM d WHERE id < 4;
SELECT id, datediff(x, date'2000-01-01'), x - date'2000-01-01' FROM d;
SELECT add_months(date'2024-01-31', 1), add_months(date'2024-02-29', 12), add_months('2024-03-31', -1), date'2024-01-31' + INTERVAL 1 MONTH, date'2024-03-31' - INTERVAL '1' MONTH, date'2024-01-01' + INTERVAL '1' DAY, date'2024-01-01' + INTERVAL '2' HOUR, date'2024-02-29' + INTERVAL 1 YEAR;
SELECT months_between('1997-02-28 10:30:00', '1996-10-30'), months_between('1997-02-28 10:30:00', '1996-10-30', false), months_between(date'2024-03-31', date'2024-02-29'), months_between(date'2024-01-15', date'2024-02-15'), next_day('2015-01-14', 'TU'), next_day('2015-01-14', 'Wednesday'), last_day('2009-01-12');
SELECT next_day('2015-01-14', 'xx');
SELECT date'9999-12-31' + 1 > date'9999-12-31';
SELECT dateadd(DAY, 3, date'2024-01-01'), dateadd(MONTH, 1, timestamp'2024-01-31 10:00:00'), datediff(HOUR, timestamp'2024-01-01 00:00:00', timestamp'2024-01-02 03:59:00'), timestampadd(YEAR, -1, timestamp'2024-02-29 00:00:00'), timestampdiff(MONTH, timestamp'2024-01-31 00:00:00', timestamp'2024-02-29 00:00:00'), date_diff(date'2024-01-05', date'2024-01-01'), dateadd(date'2024-01-01', 5), dateadd(WEEK, 2, date'2024-01-01'), timestampdiff(QUARTER, date'2023-01-01', date'2024-01-01');

-- case: timestamp_arithmetic
SELECT timestamp'2024-01-01 10:00:00' - timestamp'2023-12-31 09:30:00', timestamp'2024-01-01 10:00:00' - date'2024-01-01', timestamp'2024-01-31 10:00:00' + INTERVAL '1' MONTH, timestamp'2024-01-01 10:00:00' + INTERVAL 1 DAY 2 HOURS 3 SECONDS, timestamp'2024-01-01 10:00:00' - INTERVAL '0.5' SECOND, timestamp_ntz'2024-01-01 10:00:00' + INTERVAL '90' MINUTE;
SELECT id, x + INTERVAL 1 MONTH, x - INTERVAL '1 00:00:00.000001' DAY TO SECOND FROM ts;
SELECT INTERVAL '1' DAY * 2, INTERVAL '1' DAY / 2, string(INTERVAL '1-6' YEAR TO MONTH + INTERVAL '6' MONTH), -INTERVAL '1' DAY, INTERVAL '1' DAY > INTERVAL '23' HOUR, INTERVAL '2' YEAR = INTERVAL '24' MONTH, abs(INTERVAL '-1' DAY), sign(INTERVAL '-1' DAY), string(INTERVAL '1' MONTH * 1.5);
SELECT INTERVAL '1' DAY / 0;
SELECT INTERVAL '1' DAY + INTERVAL '1' MONTH;
SELECT make_interval(1, 2, 3, 4, 5, 6, 7.5)::string, make_dt_interval(1, 2, 3, 4.5), make_ym_interval(1, 2)::string, try_make_interval(100000000)::string, make_dt_interval(), (INTERVAL 1 YEAR 2 MONTHS)::string;
SELECT INTERVAL 1 YEAR 2 DAYS;
SELECT string(try_cast('1 year 2 days' AS interval));

-- case: truncation
SELECT id, trunc(x, 'YEAR'), trunc(x, 'mon'), trunc(x, 'week'), trunc(x, 'Q'), trunc(x, 'xx') FROM d;
SELECT id, date_trunc('YEAR', x), date_trunc('MM', x), date_trunc('WEEK', x), date_trunc('DAY', x), date_trunc('HOUR', x), date_trunc('MINUTE', x), date_trunc('SECOND', x), date_trunc('MILLISECOND', x), date_trunc('nope', x) FROM ts;

-- case: make
SELECT make_date(2024, 2, 29), make_timestamp(2024, 1, 2, 3, 4, 5.678), make_timestamp(2024, 1, 2, 3, 4, 60), make_timestamp(2024, 7, 1, 0, 0, 0, 'America/New_York'), make_timestamp_ntz(2024, 1, 2, 3, 4, 5), make_date(NULL, 1, 1), timestamp_seconds(1.5), timestamp_millis(1500), timestamp_micros(-1), try_make_timestamp(2024, 13, 1, 0, 0, 0), make_timestamp_ltz(2024, 1, 2, 3, 4, 5);
SELECT make_date(2023, 2, 29);
SELECT make_timestamp(2024, 13, 1, 0, 0, 0);
SELECT make_timestamp(2024, 1, 1, 0, 0, 61);

-- case: format
SELECT date_format(timestamp'2024-03-05 14:07:09.012345', 'yyyy-MM-dd HH:mm:ss.SSSSSS'), date_format(timestamp'2024-03-05 14:07:09', 'yy M d h:m:s a'), date_format(timestamp'2024-03-05 14:07:09', 'EEEE, MMMM dd, yyyy'), date_format(timestamp'2024-03-05 14:07:09', 'EEE MMM D Q'), date_format(timestamp'2024-03-05 14:07:09', 'yyyy''T''HH'), date_format(date'2024-03-05', 'dd/MM/yyyy'), date_format('2024-03-05', 'LLL'), date_format(timestamp'2024-03-05 14:07:09', 'VV z O XXX Z'), date_format(timestamp'2024-03-05 04:07:09', 'K k H h'), date_format(timestamp'2024-03-05 14:07:09.5', 'SSS'), date_format(NULL, 'yyyy'), date_format(date'0044-03-15', 'G yyyy'), date_format(date'2024-12-30', 'F');
SELECT date_format(date'2024-03-05', 'YYYY');
SELECT date_format(date'2024-03-05', 'qqqqq b');
SELECT date_format(date'2024-03-05', 'e');
SELECT date_format(timestamp'2024-03-05 14:07:09.5', 'SSS n');
SELECT date_format(date'2024-03-05', 'yyyy-[MM]');
SELECT from_unixtime(0), from_unixtime(1700000000, 'yyyy/MM/dd HH'), from_unixtime(-1), from_unixtime(NULL), unix_timestamp('2024-01-01 00:00:00'), unix_timestamp('01/02/2024', 'MM/dd/yyyy'), to_unix_timestamp('2024-01-01', 'yyyy-MM-dd');

-- case: parse
SELECT to_date('2024-03-05'), to_date('05/03/2024', 'dd/MM/yyyy'), to_date('5 Mar 2024', 'd MMM yyyy'), to_date('March 5, 2024', 'MMMM d, yyyy'), to_date('240305', 'yyMMdd'), to_date('2024-065', 'yyyy-DDD'), to_date(NULL, 'yyyy'), to_date(timestamp'2024-01-01 10:00:00');
SELECT to_timestamp('2024-03-05 14:07:09'), to_timestamp('2024-03-05T14:07:09.123Z'), to_timestamp('05/03/24 2:07 PM', 'dd/MM/yy h:mm a'), to_timestamp('20240305140709', 'yyyyMMddHHmmss'), to_timestamp('2024-03-05 14:07:09.12', 'yyyy-MM-dd HH:mm:ss.SS'), to_timestamp('2024-03-05 +02:00', 'yyyy-MM-dd XXX'), to_timestamp_ntz('2024-03-05 14:07:09'), to_timestamp_ltz('2024-03-05'), to_timestamp('2024-03-05 14', 'yyyy-MM-dd HH');
SELECT try_to_timestamp('nope'), try_to_timestamp('2024-01-01', 'yyyy'), try_to_date('2024-13-01'), try_to_timestamp('2024-01-01 10:00:00');
SELECT to_date('2024-3-5', 'yyyy-MM-dd');
SELECT to_date('xx', 'yyyy-MM-dd');
SELECT to_timestamp('2024-02-30', 'yyyy-MM-dd');
SELECT to_timestamp('2024-01-01', 'yyyy-MM-dd HH');
SELECT to_date('2024', 'bogus pattern');
SELECT date'2024-13-01';
SELECT timestamp'nope';

-- case: not_ansi
-- config: spark.sql.ansi.enabled=false
SELECT to_date('xx', 'yyyy-MM-dd'), to_timestamp('2024-02-30', 'yyyy-MM-dd'), make_date(2023, 2, 29), to_date('2024-3-5', 'yyyy-MM-dd'), make_timestamp(2024, 13, 1, 0, 0, 0), next_day('2015-01-14', 'xx'), unix_timestamp('x');

-- case: zones
-- config: spark.sql.session.timeZone=America/Los_Angeles
SELECT string(timestamp'2024-03-10 01:59:59'), string(timestamp'2024-03-10 02:30:00'), string(timestamp'2024-11-03 01:30:00'), unix_timestamp('2024-11-03 01:30:00'), string(timestamp_seconds(0)), string(timestamp'2024-03-09 12:00:00' + INTERVAL '1' DAY), string(timestamp'2024-03-09 12:00:00' + INTERVAL 24 HOURS), string(date'2024-03-10'), current_timezone();
SELECT string(from_utc_timestamp('2024-07-01 12:00:00', 'Asia/Tokyo')), string(to_utc_timestamp('2024-07-01 12:00:00', 'Asia/Tokyo')), hour(timestamp'2024-07-01 12:00:00Z'), cast(timestamp'2024-01-01 00:00:00Z' AS date), string(convert_timezone('Europe/Paris', timestamp_ntz'2024-07-01 12:00:00')), string(convert_timezone('UTC', 'Asia/Kolkata', timestamp_ntz'2024-07-01 12:00:00')), date_format(timestamp'2024-07-01 12:00:00', 'VV zzz zzzz xxx'), string(cast(timestamp_ntz'2024-07-01 12:00:00' AS timestamp)), string(date_trunc('DAY', timestamp'2024-07-01 05:00:00Z')), string(to_timestamp('2024-01-01'));
SELECT timestamp'2024-07-01 12:00:00', timestamp_ntz'2024-07-01 12:00:00', date'2024-07-01', timestamp'1883-11-18 12:00:00';
SELECT string(timestamp'1883-11-18 12:06:00'), string(timestamp'1800-01-01 00:00:00'), unix_timestamp(timestamp'1800-01-01 00:00:00');

-- case: zones_utc
SELECT from_utc_timestamp(timestamp'2024-07-01 12:00:00', 'America/New_York'), to_utc_timestamp(timestamp'2024-07-01 12:00:00', '+05:30'), from_utc_timestamp('2024-01-01', 'PST'), convert_timezone('America/New_York', 'UTC', timestamp_ntz'2024-07-01 12:00:00');
SELECT from_utc_timestamp(timestamp'2024-07-01 12:00:00', 'Nowhere/City');

-- case: sequences_and_windows
SELECT sequence(date'2024-01-30', date'2024-02-02'), sequence(date'2024-01-31', date'2024-04-30', INTERVAL 1 MONTH), sequence(timestamp'2024-01-01 00:00:00', timestamp'2024-01-01 02:00:00', INTERVAL '1' HOUR), sequence(date'2024-01-03', date'2024-01-01');
SELECT window.start, window.end, count(*) FROM VALUES (timestamp'2024-01-01 00:01:00'), (timestamp'2024-01-01 00:04:59'), (timestamp'2024-01-01 00:05:00') AS v(t) GROUP BY window(t, '5 minutes');
SELECT window(t, '10 minutes', '5 minutes') AS w, count(*) FROM VALUES (timestamp'2024-01-01 00:01:00'), (timestamp'2024-01-01 00:06:00') AS v(t) GROUP BY 1;
SELECT session_window.start, session_window.end, count(*) FROM VALUES (timestamp'2024-01-01 00:01:00'), (timestamp'2024-01-01 00:04:00'), (timestamp'2024-01-01 01:00:00') AS v(t) GROUP BY session_window(t, '5 minutes');
SELECT current_date() = to_date(current_timestamp()), now() = current_timestamp(), typeof(current_timestamp()), typeof(localtimestamp()), curdate() <= date'9999-01-01', current_date = current_date();

-- case: ends_of_time
-- config: spark.sql.session.timeZone=America/Los_Angeles
SELECT date_format(timestamp_micros(-9223372036854775808L), 'yyyy-MM-dd HH:mm:ss.SSSSSS'), date_format(timestamp_micros(9223372036854775807L), 'yyyy-MM-dd HH:mm:ss.SSSSSS');
SELECT from_unixtime(s, 'yyyy-MM-dd HH:mm:ss.SSSSSS E D'), from_unixtime(s) FROM VALUES (-9223372036854775808L), (9223372036854775807L), (-9223372036854L), (9223372036854L), (288230376151711744L) t(s);

-- case: ends_of_time_in_the_east
-- config: spark.sql.session.timeZone=Asia/Tokyo
SELECT date_format(timestamp_micros(-9223372036854775808L), 'yyyy-MM-dd HH:mm:ss.SSSSSS'), date_format(timestamp_micros(9223372036854775807L), 'yyyy-MM-dd HH:mm:ss.SSSSSS');
SELECT from_unixtime(s, 'yyyy-MM-dd HH:mm:ss.SSSSSS E D'), from_unixtime(s) FROM VALUES (-9223372036854775808L), (9223372036854775807L), (-9223372036854L), (9223372036854L), (288230376151711744L) t(s);

-- case: days beyond the range of timestamps
SELECT year(d), month(d), day(d), quarter(d), dayofyear(d), weekofyear(d), dayofweek(d), weekday(d) FROM (SELECT date_add(date'1970-01-01', id) d FROM VALUES (499999600), (-2000000000), (2000000000), (0) AS v(id));
SELECT extract(year FROM d), extract(yearofweek FROM d), extract(dow FROM d) FROM (SELECT date_add(date'1970-01-01', 2000000000) d);
SELECT unix_timestamp(date_add(date'1970-01-01', id)) FROM VALUES (2000000000) AS v(id);
SELECT unix_timestamp(date_add(date'1970-01-01', 100000000));
SELECT try_cast(date_add(date'1970-01-01', 2000000000) AS timestamp);
SELECT cast(date_add(date'1970-01-01', 2000000000) AS timestamp);
