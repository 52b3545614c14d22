"""Tests of the harness itself: that answers which differ are told apart, and answers that agree are not.

Run with `python -m unittest golden_test` in this folder. Needs no server.
"""

import copy
import pathlib
import tempfile
import unittest

import golden

STRUCT = {"type": "struct", "fields": [{"name": "x", "type": "double", "nullable": True, "metadata": {}}]}
TEXT = {"type": "struct", "fields": [{"name": "s", "type": "string", "nullable": True, "metadata": {}}]}


def rows(*values, schema=STRUCT):
    return {"schema": schema, "rows": [[value] for value in values]}


class Differences(unittest.TestCase):
    unordered = golden.Case("c")
    ordered = golden.Case("c", ordered=True)

    def assert_same(self, a, b, case=unordered):
        self.assertIsNone(golden.difference(case, a, b))

    def assert_apart(self, a, b, case=unordered):
        self.assertIsNotNone(golden.difference(case, a, b))

    def test_doubles_within_the_tolerance(self):
        self.assert_same(rows("0.1"), rows("0.10000000000000002"))
        self.assert_apart(rows("0.1"), rows("0.10000000001"))
        self.assert_apart(rows("0.0"), rows("-0.0"))
        self.assert_same(rows("nan"), rows("nan"))
        self.assert_apart(rows("nan"), rows(None))
        self.assert_apart(rows("inf"), rows("-inf"))

    def test_order_counts_only_where_it_is_asked_for(self):
        self.assert_same(rows("1.0", "2.0"), rows("2.0", "1.0"))
        self.assert_apart(rows("1.0", "2.0"), rows("2.0", "1.0"), self.ordered)

    def test_rows_are_a_multiset(self):
        self.assert_apart(rows("1.0", "1.0", "2.0"), rows("1.0", "2.0", "2.0"))
        self.assert_apart(rows("1.0"), rows("1.0", "1.0"))
        self.assert_same(rows("1.0", None, "0.3"), rows("0.30000000000000004", "1.0", None))

    def test_strings_are_exact_unless_they_hold_numbers(self):
        numeric = golden.Case("c", numeric_strings=True)
        a, b = rows("2.3333333333333335", schema=TEXT), rows("2.333333333333333", schema=TEXT)
        self.assert_apart(a, b)
        self.assert_same(a, b, numeric)
        self.assert_apart(rows("x", schema=TEXT), rows("y", schema=TEXT), numeric)

    def test_schema_and_nullability_count(self):
        other = copy.deepcopy(STRUCT)
        other["fields"][0]["nullable"] = False
        self.assert_apart(rows("1.0"), rows("1.0", schema=other))

    def test_numbers_are_not_booleans_nor_text(self):
        schema = {"type": "struct", "fields": [{"name": "i", "type": "integer", "nullable": True, "metadata": {}}]}
        self.assert_apart(rows(1, schema=schema), rows(True, schema=schema))
        self.assert_apart(rows(1, schema=schema), rows("1", schema=schema))

    def test_nested_doubles(self):
        array = {"type": "array", "elementType": "double", "containsNull": True}
        schema = {"type": "struct", "fields": [{"name": "a", "type": array, "nullable": True, "metadata": {}}]}
        self.assert_same(rows(["0.1", None], schema=schema), rows(["0.10000000000000002", None], schema=schema))
        self.assert_apart(rows(["0.1"], schema=schema), rows(["0.1", None], schema=schema))

    def test_errors(self):
        error = {"class": "E", "condition": "A.B", "sqlState": "22012", "parameters": {"p": "1"}, "context": []}
        self.assert_same({"error": error}, {"error": dict(error)})
        for key, value in (("condition", "A"), ("sqlState", "1"), ("class", "F"), ("parameters", {}), ("context", [1])):
            self.assert_apart({"error": error}, {"error": {**error, key: value}})
        self.assert_apart({"error": error}, rows("1.0"))
        self.assert_apart(rows("1.0"), {"error": error})


class Reading(unittest.TestCase):
    def test_top_level_order_by(self):
        self.assertTrue(golden.has_top_level_order_by("SELECT 1 ORDER  BY 1"))
        self.assertFalse(golden.has_top_level_order_by("SELECT rank() OVER (ORDER BY x) FROM (SELECT 1 ORDER BY 1)"))
        self.assertFalse(golden.has_top_level_order_by("SELECT 'ORDER BY' -- ORDER BY\n"))
        self.assertFalse(golden.has_top_level_order_by("SELECT `order by` FROM t /* ORDER BY 1 */"))

    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.sql"
            path.write_text(text)
            return golden.read_sql_file(path)

    def test_case_file(self):
        file = self.read(
            "-- About.\n-- config: a=1\n-- setup\nCREATE VIEW v AS\n  SELECT 1;\n\n-- case: one\n-- config: b=2\n"
            "SELECT ';';\nSELECT 2 -- case: no\n;\n-- case: two\n-- ordered\nSELECT 3;\n"
        )
        self.assertEqual(file.config, {"a": "1"})
        self.assertEqual(file.setup, ["CREATE VIEW v AS\n  SELECT 1"])
        self.assertEqual([c.name for c in file.cases], ["one", "one.2", "two"])
        self.assertEqual([c.config for c in file.cases], [{"b": "2"}, {"b": "2"}, {}])
        self.assertEqual([c.ordered for c in file.cases], [False, False, True])
        self.assertEqual(file.cases[0].sql, "SELECT ';'")

    def test_bad_case_files(self):
        for text in ("-- case: a\nSELECT 1;\n-- case: a\nSELECT 2;\n", "-- case: a\nSELECT 1\n"):
            with self.assertRaises(ValueError):
                self.read(text)

    def test_every_case_has_an_answer(self):
        for file in golden.read_all():
            answers = golden.load_answers(file)
            for case in file.cases:
                self.assertEqual(answers.get(case.name, {}).get("source"), case.source(), f"{file.label}:{case.name}")
            self.assertEqual(set(answers), {case.name for case in file.cases}, file.label)


if __name__ == "__main__":
    unittest.main()
