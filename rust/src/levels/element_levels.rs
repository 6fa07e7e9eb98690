//! The definition levels from which on the lists that a column is nested in have an element.

use std::sync::Arc;

use parquet::basic::Repetition;
use parquet::schema::types::{SchemaDescriptor, Type};

/// Of each list around a column, from the outermost on, the lowest definition level of a value that is in one of its
/// elements: a lower one says that this list, or one around it, is null or empty.
pub(crate) type ElementLevels = Arc<[i16]>;

/// Those of all leaf columns.
pub(crate) fn element_levels(schema: &SchemaDescriptor) -> Vec<ElementLevels> {
    let mut leaves = Vec::with_capacity(schema.num_columns());
    let none = ElementLevels::default();
    schema.root_schema().get_fields().iter().for_each(|field| walk(field, 0, &none, &mut leaves));
    leaves
}

/// How often a node is there; parquet panics where a schema doesn't say.
pub(crate) fn repetition(node: &Type) -> Repetition {
    let info = node.get_basic_info();
    if info.has_repetition() { info.repetition() } else { Repetition::REQUIRED }
}

fn walk(node: &Type, outer: i16, lists: &ElementLevels, leaves: &mut Vec<ElementLevels>) {
    let repetition = repetition(node);
    let level = outer + i16::from(repetition != Repetition::REQUIRED);
    let lists = match repetition {
        Repetition::REPEATED => &lists.iter().copied().chain([level]).collect(),
        _ => lists,
    };
    if node.is_group() {
        node.get_fields().iter().for_each(|field| walk(field, level, lists, leaves));
    } else {
        leaves.push(Arc::clone(lists));
    }
}

#[cfg(test)]
mod tests {
    use parquet::schema::parser::parse_message_type;

    use super::*;

    #[test]
    fn each_list_around_a_column_has_the_level_of_its_elements() {
        let text = "message m {
            required int32 flat;
            optional group lists (LIST) { repeated group list { optional group element {
                required int32 a;
                optional group inner (LIST) { repeated group list { optional int32 element; } }
                repeated int32 old;
            } } }
            optional group one { optional int32 in_none; }
        }";
        let schema = SchemaDescriptor::new(Arc::new(parse_message_type(text).expect("schema")));
        let found = element_levels(&schema);
        let found: Vec<&[i16]> = found.iter().map(AsRef::as_ref).collect();
        assert_eq!(found, [&[][..], &[2], &[2, 5], &[2, 4], &[]]);
        for (leaf, levels) in schema.columns().iter().zip(found) {
            assert_eq!(levels.len(), leaf.max_rep_level() as usize);
            assert_eq!(levels.last().copied().unwrap_or(0), leaf.repeated_ancestor_def_level());
        }
    }
}
