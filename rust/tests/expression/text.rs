//! Tests of texts: prefixes, patterns, regular expressions.

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;

use crate::{call, null, rows, string, x};

#[test]
fn texts_are_tested_in_every_kind_of_array() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![
        Some(""),
        Some("abc"),
        Some("ABC"),
        Some("a%c"),
        Some("äöü"),
        Some("a\nc"),
        Some("a longer text, abc"),
        None,
    ]));
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let cases = [
        ("startsWith", "a", "ftftftt-"),
        ("startsWith", "", "ttttttt-"),
        ("endsWith", "c", "ftftftt-"),
        ("contains", "öü", "fffftff-"),
        ("contains", "", "ttttttt-"),
        ("like", "a_c", "ftftftf-"),
        ("like", r"a\%c", "ffftfff-"),
        ("like", "a%c", "ftftftt-"),
        ("like", "___", "ftttttf-"),
        ("like", "", "tffffff-"),
        ("like", "%", "ttttttt-"),
        ("like", "%abc", "ftfffft-"),
        ("like", "%b_", "ftfffft-"),
        ("like", "a.c", "fffffff-"),
        ("matches", "^a.c$", "ftftfff-"),
        ("matches", "(?s)^a.c$", "ftftftf-"),
        ("matches", "(?i)abc", "fttffft-"),
        ("matches", "", "ttttttt-"),
        ("matches", r"^\p{L}{3}$", "fttftff-"),
    ];
    for data_type in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        let array = cast(&texts, &data_type).expect("cast");
        for (name, pattern, expected) in &cases {
            let expr = call(name, [x(), string(pattern)]);
            assert_eq!(rows(&expr, &array), *expected, "{name} {pattern} {data_type}");
        }
        assert_eq!(rows(&call("contains", [x(), null()]), &array), "--------");
        assert_eq!(rows(&call("not", [call("endsWith", [x(), string("c")])]), &array), "tftftff-");
    }
}

#[test]
fn constant_texts_are_tested_too() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    assert_eq!(rows(&call("contains", [string("abc"), string("b")]), &texts), "tt");
    assert_eq!(rows(&call("like", [string("abc"), string("abc")]), &texts), "tt");
    assert_eq!(rows(&call("matches", [null(), string("b")]), &texts), "--");
}
