use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::{FixedSizeListBuilder, Int32Builder, MapBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{BooleanArray, ListArray, NullArray, StructArray};
use arrow_data::ArrayData;

use super::*;
use crate::encode::fixtures::{odd, plain};

/// Columns of lists, maps and structs: five rows.
fn nested() -> RecordBatch {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
        Some(vec![Some(2), Some(3), Some(4)]),
        Some(vec![Some(5)]),
    ]);
    let mut fixed = FixedSizeListBuilder::new(Int32Builder::new(), 2);
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for row in 0..5 {
        fixed.values().append_value(row);
        fixed.values().append_option((row % 2 == 0).then_some(row));
        fixed.append(row != 3);
        for key in 0..row {
            map.keys().append_value(format!("key {key}"));
            map.values().append_option((key > 0).then_some(key));
        }
        map.append(row != 1).expect("map");
    }
    let texts = arrow_array::StringArray::from(vec![Some("a"), None, Some("ccc"), Some(""), Some("e")]);
    let bits = BooleanArray::from(vec![Some(true), Some(false), None, Some(true), Some(false)]);
    let pair = RecordBatch::try_from_iter([("t", Arc::new(texts) as ArrayRef), ("b", Arc::new(bits) as ArrayRef)]);
    let columns: [(&str, ArrayRef); 4] = [
        ("list", Arc::new(list)),
        ("fixed", Arc::new(fixed.finish())),
        ("map", Arc::new(map.finish())),
        ("pair", Arc::new(StructArray::from(pair.expect("pair")))),
    ];
    RecordBatch::try_from_iter(columns).expect("batch")
}

#[test]
fn slices_are_laid_out_as_copies_of_them_are() {
    for batch in [nested(), plain(), odd()] {
        for start in 0..batch.num_rows() {
            for length in 0..=batch.num_rows() - start {
                for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                    if matches!(field.data_type(), DataType::Utf8View) {
                        continue;
                    }
                    let slice = column.slice(start, length);
                    let mut column = shared_column(&slice).expect("column");
                    column.nodes.reverse();
                    column.buffers.reverse();
                    let again = array_of(field.data_type(), &mut column);
                    assert_eq!(again, slice.to_data(), "{field} {start}+{length}");
                    assert!(column.nodes.is_empty() && column.buffers.is_empty());
                }
            }
        }
    }
}

/// The array that a column describes, checked by arrow; nodes and buffers are taken off the ends.
fn array_of(data_type: &DataType, column: &mut Column) -> ArrayData {
    let mut buffer = || Buffer::from(column.buffers.pop().expect("buffer").as_slice());
    let node = column.nodes.pop().expect("node");
    let builder = ArrayData::builder(data_type.clone()).len(node.length);
    if data_type == &DataType::Null {
        return builder.build().expect("nulls");
    }
    let validity = buffer();
    let builder = builder.null_bit_buffer((node.null_count > 0).then_some(validity)).null_count(node.null_count);
    let (buffers, children) = match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary => (vec![buffer(), buffer()], vec![]),
        DataType::List(item) | DataType::Map(item, _) => (vec![buffer()], vec![array_of(item.data_type(), column)]),
        DataType::FixedSizeList(item, _) => (vec![], vec![array_of(item.data_type(), column)]),
        DataType::Struct(fields) => (vec![], fields.iter().map(|field| array_of(field.data_type(), column)).collect()),
        _ => (vec![buffer()], vec![]),
    };
    builder.buffers(buffers).child_data(children).align_buffers(true).build().expect("a valid array")
}

#[test]
fn values_are_shared_and_not_copied() {
    let texts = plain().column_by_name("text").expect("text").clone();
    let slice = texts.slice(2, 2);
    let column = shared_column(&slice).expect("column");
    let own = texts.as_string::<i32>().values().as_slice().as_ptr_range();
    assert!(own.contains(&column.buffers[2].as_slice().as_ptr()));
    assert_eq!(column.buffers[1].as_slice()[..4], [0; 4]);
    assert_eq!(column.capacity(), column.byte_len());
}

#[test]
fn nulls_have_no_buffers() {
    let column = shared_column(&(Arc::new(NullArray::new(3)) as ArrayRef)).expect("column");
    assert_eq!((column.nodes, column.buffers.len()), (vec![Node { length: 3, null_count: 3 }], 0));
}
