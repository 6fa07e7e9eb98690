//! The levels that columns beside each other share: those of the innermost group that both are in.

use parquet::basic::Repetition;
use parquet::schema::types::{SchemaDescriptor, Type};

use crate::levels::element_levels::repetition;

/// The most that repetition and definition levels can be of a group that two columns are in: both 0 where they share no
/// list and nothing that may be null.
pub(crate) type SharedLevels = [i16; 2];

/// What each leaf column shares with the one before it.
pub(crate) fn shared_levels(schema: &SchemaDescriptor) -> Vec<SharedLevels> {
    let mut leaves = Vec::with_capacity(schema.num_columns());
    schema.root_schema().get_fields().iter().for_each(|field| walk(field, [0; 2], [0; 2], &mut leaves));
    leaves
}

/// What a leaf column shares with another one before it. The group that leaves have in common which do not follow one
/// another is the outermost of those that their neighbours between have.
pub(crate) fn shared_between(all: &[SharedLevels], before: usize, leaf: usize) -> SharedLevels {
    let between = all[before + 1..=leaf].iter().copied();
    between.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1])]).unwrap_or_default()
}

/// `shared` is what the node's first leaf shares with the one before, `outer` what all of its leaves do.
fn walk(node: &Type, shared: SharedLevels, outer: SharedLevels, leaves: &mut Vec<SharedLevels>) {
    if !node.is_group() {
        return leaves.push(shared);
    }
    let repetition = repetition(node);
    let own = [
        outer[0] + i16::from(repetition == Repetition::REPEATED),
        outer[1] + i16::from(repetition != Repetition::REQUIRED),
    ];
    let first = leaves.len();
    for field in node.get_fields() {
        walk(field, if leaves.len() == first { shared } else { own }, own, leaves);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::schema::parser::parse_message_type;

    use super::*;

    #[test]
    fn each_leaf_shares_the_levels_of_the_group_around_it_and_the_one_before() {
        let text = "message m {
            required int32 flat;
            optional group lists (LIST) { repeated group list { optional group element {
                required int32 a;
                optional group inner (LIST) { repeated group list { required group element {
                    optional int32 b;
                    required int32 c;
                } } }
                repeated int32 old;
            } } }
            optional group one { optional int32 d; required group in { required int32 e; optional int32 f; } }
            required group all { required int32 g; optional int32 h; }
            optional group map (MAP) { repeated group key_value { required int32 key; optional int32 value; } }
        }";
        let schema = SchemaDescriptor::new(Arc::new(parse_message_type(text).expect("schema")));
        let found = shared_levels(&schema);
        let expected = [
            ("flat", [0, 0]),
            ("a", [0, 0]),
            ("b", [1, 3]),
            ("c", [2, 5]),
            ("old", [1, 3]),
            ("d", [0, 0]),
            ("e", [0, 1]),
            ("f", [0, 1]),
            ("g", [0, 0]),
            ("h", [0, 0]),
            ("key", [0, 0]),
            ("value", [1, 2]),
        ];
        let names: Vec<_> = schema.columns().iter().map(|leaf| leaf.name().to_owned()).collect();
        let found: Vec<_> = names.iter().map(String::as_str).zip(found).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn leaves_that_do_not_follow_one_another_share_what_is_around_all_between() {
        let all = [[0, 0], [1, 3], [2, 5], [1, 3], [0, 0]];
        assert_eq!(shared_between(&all, 1, 2), [2, 5]);
        assert_eq!(shared_between(&all, 0, 2), [1, 3]);
        assert_eq!(shared_between(&all, 1, 3), [1, 3]);
        assert_eq!(shared_between(&all, 1, 4), [0, 0]);
    }
}
