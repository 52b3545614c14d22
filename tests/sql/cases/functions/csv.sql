-- CSV text of single records: from_csv, to_csv, schema_of_csv.

-- case: from_csv
SELECT from_csv('"a,b",c', 'x STRING, y STRING'), from_csv('"a\\"b",c', 'x STRING, y STRING'), from_csv('"a""b",c', 'x STRING, y STRING'), from_csv(',', 'x STRING, y STRING'), from_csv('', 'x STRING'), from_csv('1,2,3', 'a INT, b INT'), from_csv('1', 'a INT, b INT');
SELECT from_csv('2020-01-01,2020-01-01 10:00:00,true', 'd DATE, t TIMESTAMP, b BOOLEAN'), from_csv('01/02/2020', 'd DATE', map('dateFormat', 'dd/MM/yyyy')), from_csv('1.5,99999999999,1e3,300', 'a DECIMAL(5,2), b INT, c DOUBLE, d TINYINT'), from_csv(' 1 , true ', 'a INT, b BOOLEAN');
SELECT from_csv('x,1', 'a INT, b INT, _corrupt_record STRING'), from_csv('1,1', 'a INT, b INT, _corrupt_record STRING'), from_csv('x,1', 'a INT, b INT, c STRING', map('columnNameOfCorruptRecord', 'c'));
SELECT from_csv('1,2', schema_of_csv('1,2'));

-- case: to_csv
SELECT to_csv(struct('', NULL, 'a b', '"', '\\', '#x', 'a\nb')), to_csv(struct(1.5D, 1.50, true, 1F, timestamp_ntz'2020-01-01 10:00:00.123456', INTERVAL '1' DAY));
SELECT to_csv(struct(date'2020-01-02'), map('dateFormat', 'dd/MM/yyyy')), to_csv(struct(NULL, 1), map('nullValue', 'NA')), to_csv(struct('x'), map('quoteAll', 'true')), to_csv(NULL), to_csv(struct(' a ', ''), map('ignoreLeadingWhiteSpace', 'false', 'ignoreTrailingWhiteSpace', 'false'));

-- case: schema_of_csv
SELECT schema_of_csv('99999999999,true,,2020-01-01 10:00:00'), schema_of_csv('1|a', map('sep', '|')), schema_of_csv('99999999999999999999999');
