//! A column that two files of one scan have in different types, or that only one of them has.

use serde::Serialize;

/// A column that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// Its name.
    pub column: String,
    /// The file that differs.
    pub path: String,
    /// Its type there; `None` where it is missing.
    pub found: Option<String>,
    /// The file, or the schema, that it differs from.
    pub expected_by: String,
    /// Its type there; `None` where that has none.
    pub expected: Option<String>,
}

/// Columns that a message names; the others are counted.
const NAMED: usize = 5;

/// All mismatches as one message.
#[must_use]
pub fn describe(mismatches: &[Mismatch]) -> String {
    let one = |mismatch: &Mismatch| {
        let Mismatch { column, path, found, expected_by, expected } = mismatch;
        match (found, expected) {
            (Some(found), Some(expected)) => {
                format!("column '{column}' is {found} in '{path}' and {expected} in '{expected_by}'")
            }
            (None, Some(expected)) => {
                format!("column '{column}' is missing in '{path}' and {expected} in '{expected_by}'")
            }
            (Some(found), None) => format!("column '{column}' is {found} in '{path}' and missing in '{expected_by}'"),
            (None, None) => format!("column '{column}' is missing in '{path}' and '{expected_by}'"),
        }
    };
    let mut named: Vec<String> = mismatches.iter().take(NAMED).map(one).collect();
    if mismatches.len() > NAMED {
        named.push(format!("{} more differ", mismatches.len() - NAMED));
    }
    let advice = if mismatches.iter().any(|mismatch| mismatch.found.is_some() && mismatch.expected.is_some()) {
        "scan them apart, or give `schema: \"union\"` if one type holds the values of both"
    } else {
        "scan them apart, name the columns that all have, or give `schema: \"union\"` or `\"first\"`"
    };
    format!("Cannot read these files as one: {}; {advice}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mismatch(column: &str, found: Option<&str>) -> Mismatch {
        let (path, expected_by) = ("b.parquet".to_owned(), "a.parquet".to_owned());
        Mismatch {
            column: column.into(),
            path,
            found: found.map(Into::into),
            expected_by,
            expected: Some("Int32".into()),
        }
    }

    #[test]
    fn a_message_names_files_and_types() {
        let text = describe(&[mismatch("x", Some("Utf8"))]);
        assert!(text.contains("column 'x' is Utf8 in 'b.parquet' and Int32 in 'a.parquet'"), "{text}");
        let text = describe(&[mismatch("x", None)]);
        assert!(text.contains("column 'x' is missing in 'b.parquet'"), "{text}");
    }

    #[test]
    fn many_columns_are_counted() {
        let many: Vec<Mismatch> = (0..8).map(|index| mismatch(&format!("c{index}"), None)).collect();
        let text = describe(&many);
        assert!(text.contains("'c4'") && text.contains("3 more differ") && !text.contains("'c5'"), "{text}");
    }
}
