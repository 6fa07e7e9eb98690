//! Which order a footer says that floats' bounds are in.
//!
//! parquet names the total order of IEEE 754, which few readers know yet: they would look at no such bounds. Those bounds
//! follow the rules of the order by type too, as far as readers rely on them: NaN is in none beside numbers, and zeros
//! are looked at whatever their sign. So the footer names that one, which all readers know; both are told by a field
//! without content (`ColumnOrder` in <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>).

use crate::files::thrift::{Kind, Reader};

/// What follows the metadata at the end of a file: its length and the magic number.
const TAIL: usize = 8;
/// `FileMetaData.column_orders`
const COLUMN_ORDERS: i16 = 7;
/// The headers of `ColumnOrder`'s first field, the order by type, and its second, the total order: a struct each.
const BY_TYPE: u8 = 0x1c;
const TOTAL: u8 = 0x2c;

/// Names the order by type wherever the footer at the end of `file` names the total order of IEEE 754.
///
/// What is no footer stays as it is.
pub(super) fn name_known_orders(file: &mut [u8]) {
    let Some((rest, tail)) = file.split_last_chunk_mut::<TAIL>() else { return };
    let [a, b, c, d, ..] = *tail;
    let start = rest.len().checked_sub(u32::from_le_bytes([a, b, c, d]) as usize);
    let Some(metadata) = start.and_then(|start| rest.get_mut(start..)) else { return };
    for place in total_orders(metadata).unwrap_or_default() {
        if let Some(header) = metadata.get_mut(place) {
            *header = BY_TYPE;
        }
    }
}

/// Where the total order is named.
fn total_orders(metadata: &[u8]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    Reader::new(metadata).read_struct(|reader, id, kind| match (id, kind) {
        (COLUMN_ORDERS, Kind::List) => reader.read_list(|reader, kind| {
            let place = reader.position();
            if kind == Kind::Struct && metadata.get(place) == Some(&TOTAL) {
                places.push(place);
            }
            reader.skip(kind)
        }),
        (_, kind) => reader.skip(kind),
    })?;
    Some(places)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float32Array, Float64Array, Int64Array};
    use bytes::Bytes;
    use parquet::basic::{ColumnOrder, SortOrder};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use serde_json::json;

    use super::*;
    use crate::encode::fixtures::{batch, encoded, parquet_options};
    use crate::encode::parquet::ParquetEncoder;

    #[test]
    fn bounds_of_floats_are_in_an_order_that_all_readers_know() {
        let rows = batch(vec![
            ("double", Arc::new(Float64Array::from(vec![1.5, f64::NAN, -2.5]))),
            ("number", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("float", Arc::new(Float32Array::from(vec![0.5, 1.0, 2.0]))),
        ]);
        let mut encoder = ParquetEncoder::new(&parquet_options(json!({})), &rows.schema()).expect("encoder");
        let file = SerializedFileReader::new(Bytes::from(encoded(&mut encoder, &[rows]))).expect("a file");
        let metadata = file.metadata();
        let orders = metadata.file_metadata().column_orders().expect("orders");
        assert_eq!(orders, &[ColumnOrder::TYPE_DEFINED_ORDER(SortOrder::SIGNED); 3]);
        let bounds = metadata.row_group(0).column(0).statistics().expect("bounds");
        let bytes = |bound: f64| bound.to_le_bytes().to_vec();
        assert_eq!(bounds.min_bytes_opt().map(<[u8]>::to_vec), Some(bytes(-2.5)));
        assert_eq!(bounds.max_bytes_opt().map(<[u8]>::to_vec), Some(bytes(1.5)));
    }

    #[test]
    fn what_is_no_footer_stays() {
        for bytes in [&b""[..], b"PAR1", b"\xff\xff\xff\xffPAR1", b"\x2c\x2c\x2c\x2c\x04\0\0\0PAR1"] {
            let mut changed = bytes.to_vec();
            name_known_orders(&mut changed);
            assert_eq!(changed, bytes);
        }
    }
}
