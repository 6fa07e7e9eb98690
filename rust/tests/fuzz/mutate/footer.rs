//! Changes of a Parquet footer, by meaning or anywhere.

use super::thrift::Value;
use crate::random::Random;

/// Fields of `ColumnMetaData` that say how a chunk is read.
const COLUMN_FIELDS: [i16; 9] = [1, 4, 5, 6, 7, 9, 10, 11, 14];

/// Changes one thing; says what.
pub fn mutate(footer: &mut Value, random: &mut Random) -> String {
    match random.below(16) {
        0..4 => mutate_column(footer, random),
        4 => mutate_rows(footer, random),
        5..7 => mutate_schema(footer, random),
        7 => deepen(footer, random),
        8 => mutate_part(footer, random, &[12, 13], "statistics"),
        9 => swap_columns(footer, random),
        10 => mutate_stored_schema(footer, random),
        _ => footer.mutate(random),
    }
}

fn any<'a>(list: Option<&'a mut Value>, random: &mut Random) -> Option<(usize, &'a mut Value)> {
    let items = list?.items_mut()?;
    let at = random.below(items.len());
    Some((at, items.get_mut(at)?))
}

fn any_column<'a>(footer: &'a mut Value, random: &mut Random) -> Option<(String, &'a mut Value)> {
    let (group, row_group) = any(footer.field_mut(4), random)?;
    let (at, column) = any(row_group.field_mut(1), random)?;
    Some((format!("row group {group}, column {at}"), column))
}

fn mutate_column(footer: &mut Value, random: &mut Random) -> String {
    // Another chunk's number is more likely to be believed than any other.
    let other = any_column(footer, random).and_then(|(_, column)| column.field(3).cloned());
    let Some((place, column)) = any_column(footer, random) else { return "no column".into() };
    if random.one_in(5) {
        let id = random.one_of(&[2, 4, 5, 6, 7]);
        if let Some(Value::Integer { value, .. }) = column.field_mut(id) {
            *value = random.number_like(*value);
            return format!("{place}: field {id} to {value}");
        }
    }
    let Some(meta) = column.field_mut(3) else { return "no metadata".into() };
    let id = random.one_of(&COLUMN_FIELDS);
    let old = meta.number(id).unwrap_or(0);
    let new = match other.as_ref().and_then(|other| other.number(id)) {
        Some(other) if random.one_in(3) => other,
        _ if matches!(id, 1 | 4) => random.below(10) as i64,
        _ => random.number_like(old),
    };
    meta.set(id, if matches!(id, 1 | 4) { Value::i32(new) } else { Value::i64(new) });
    format!("{place}: metadata field {id} from {old} to {new}")
}

/// Rows of the file or of a row group; now and then values of all its columns with them.
fn mutate_rows(footer: &mut Value, random: &mut Random) -> String {
    let Some((group, row_group)) = any(footer.field_mut(4), random) else { return "no row group".into() };
    let old = row_group.number(3).unwrap_or(0);
    let new = random.number_like(old);
    row_group.set(3, Value::i64(new));
    if random.one_in(2) {
        for column in row_group.field_mut(1).and_then(Value::items_mut).into_iter().flatten() {
            if let Some(meta) = column.field_mut(3) {
                meta.set(5, Value::i64(new));
            }
        }
    }
    if random.one_in(2) {
        footer.set(3, Value::i64(new));
    }
    format!("row group {group}: rows from {old} to {new}")
}

fn mutate_schema(footer: &mut Value, random: &mut Random) -> String {
    let Some((at, element)) = any(footer.field_mut(2), random) else { return "no schema".into() };
    let id = random.one_of(&[1, 2, 3, 4, 5, 6, 7, 8, 10]);
    if id == 10 || id == 4 || random.one_in(6) {
        return format!("schema element {at}: {}", element.mutate(random));
    }
    let old = element.number(id);
    let new = match id {
        1 | 3 => random.below(9) as i64,
        5 => random.below(4) as i64,
        6 => random.below(23) as i64,
        _ => random.number_like(old.unwrap_or(1)),
    };
    if old.is_some() && random.one_in(5) {
        element.remove(id);
        return format!("schema element {at}: without field {id}");
    }
    element.set(id, Value::i32(new));
    format!("schema element {at}: field {id} from {old:?} to {new}")
}

/// Groups in groups around a schema element.
fn deepen(footer: &mut Value, random: &mut Random) -> String {
    let Some(elements) = footer.field_mut(2).and_then(Value::items_mut) else { return "no schema".into() };
    let at = 1 + random.below(elements.len().saturating_sub(1));
    let levels = 1 + random.size();
    let repetition = random.below(3) as i64;
    let annotation = random.one_of(&[None, None, Some(3), Some(1)]);
    for level in 0..levels {
        let mut group = Value::Struct(Vec::new());
        group.set(3, Value::i32(if random.one_in(4) { random.below(3) as i64 } else { repetition }));
        group.set(4, Value::Binary(format!("g{level}").into_bytes()));
        group.set(5, Value::i32(1));
        if let Some(annotation) = annotation {
            group.set(6, Value::i32(annotation));
        }
        elements.insert(at.min(elements.len()), group);
    }
    format!("{levels} groups around schema element {at}, repetition {repetition}")
}

fn mutate_part(footer: &mut Value, random: &mut Random, fields: &[i16], name: &str) -> String {
    let Some((place, column)) = any_column(footer, random) else { return "no column".into() };
    let id = random.one_of(fields);
    match column.field_mut(3).and_then(|meta| meta.field_mut(id)) {
        Some(part) => format!("{place}: {name}: {}", part.mutate(random)),
        None => format!("{place}: no {name}"),
    }
}

fn swap_columns(footer: &mut Value, random: &mut Random) -> String {
    let Some((group, row_group)) = any(footer.field_mut(4), random) else { return "no row group".into() };
    let Some(columns) = row_group.field_mut(1).and_then(Value::items_mut) else { return "no columns".into() };
    let (a, b) = (random.below(columns.len()), random.below(columns.len()));
    match random.below(4) {
        0 if !columns.is_empty() => drop(columns.remove(a)),
        1 if !columns.is_empty() => columns.push(columns[a].clone()),
        _ if columns.len() > 1 => columns.swap(a, b),
        _ => {}
    }
    format!("row group {group}: columns {a} and {b} swapped, lost or doubled")
}

/// The Arrow schema that a writer stored, in base64.
fn mutate_stored_schema(footer: &mut Value, random: &mut Random) -> String {
    let Some((at, pair)) = any(footer.field_mut(5), random) else { return "no key-value metadata".into() };
    let Some(Value::Binary(text)) = pair.field_mut(2) else { return "no value".into() };
    // Characters that base64 has, so that what they stand for changes.
    for _ in 0..=random.below(3) {
        let place = random.below(text.len());
        if let Some(byte) = text.get_mut(place) {
            *byte = random.one_of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
        }
    }
    format!("metadata pair {at}: changed characters")
}
