use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_schema::{Field, Fields, Schema};

use super::*;

fn schema(data_type: DataType) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("a", data_type, true)]))
}

/// Batch 7 of `rows` rows, of one column that has these buffers and no children.
fn description(rows: usize, nulls: usize, bit_offset: usize, buffers: &[&[u8]]) -> Vec<f64> {
    let head = [7, rows, 0, rows, nulls, bit_offset, buffers.len(), 0];
    let buffers = buffers.iter().flat_map(|buffer| [buffer.as_ptr() as usize, buffer.len(), 0]);
    head.into_iter().chain(buffers).map(|number| number as f64).collect()
}

fn bytes(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn values_are_read_at_their_address_and_bits_at_their_offset() {
    let values = bytes(&[1, 2, 3]);
    let numbers = description(3, 1, 9, &[&[0xff, 0b1111_1011], &values]);
    // SAFETY: the buffers live on, and nobody writes to them.
    let seen = unsafe {
        lend(&numbers, &schema(DataType::Int32), |lent| {
            assert_eq!(lent.number, 7);
            let column = lent.batch.column(0).as_primitive::<Int32Type>();
            Ok(column.iter().collect::<Vec<_>>())
        })
    };
    assert_eq!(seen.expect("lent"), [Some(1), None, Some(3)]);
}

#[test]
fn a_result_that_keeps_lent_memory_is_an_error() {
    // Aligned, or it would be copied.
    let values = Buffer::from_vec(vec![1_i32, 2, 3]);
    let numbers = description(3, 0, 0, &[&[], &values]);
    // SAFETY: as above.
    let kept = unsafe { lend(&numbers, &schema(DataType::Int32), |lent| Ok(Arc::clone(lent.batch.column(0)))) };
    assert_eq!(kept.expect_err("kept").code(), ErrorCode::Internal);
}

#[test]
fn descriptions_that_end_early_or_make_no_sense_are_errors() {
    let values = bytes(&[1, 2, 3]);
    let whole = description(3, 0, 0, &[&[], &values]);
    for end in 0..whole.len() {
        // SAFETY: as above; fewer numbers describe fewer buffers.
        let result = unsafe { lend(&whole[..end], &schema(DataType::Int32), |_| Ok(())) };
        assert!(result.is_err(), "{end} numbers");
    }
    for wrong in [-1.0, 0.5, f64::NAN, f64::INFINITY] {
        let mut numbers = whole.clone();
        numbers[3] = wrong;
        // SAFETY: as above.
        let error = unsafe { lend(&numbers, &schema(DataType::Int32), |_| Ok(())) }.expect_err("wrong");
        assert_eq!((error.code(), error.column()), (ErrorCode::InvalidArgument, Some("a")));
        assert!(error.to_string().contains("of batch 7"), "{error}");
        let mut numbers = whole.clone();
        numbers[1] = wrong;
        // SAFETY: as above.
        let error = unsafe { lend(&numbers, &schema(DataType::Int32), |_| Ok(())) }.expect_err("wrong");
        assert_eq!((error.code(), error.column()), (ErrorCode::InvalidArgument, None));
    }
}

#[test]
fn columns_that_take_no_bytes_have_no_more_rows_than_arrays_may() {
    for (data_type, buffers) in [(DataType::Null, 0), (DataType::Struct(Fields::empty()), 1)] {
        let nothing = [&[][..]];
        for (rows, is_fine) in [(i32::MAX as usize, true), (1 << 31, false), (1 << 53, false)] {
            let numbers = description(rows, 0, 0, &nothing[..buffers]);
            // SAFETY: there is nothing to read.
            let lent = unsafe { lend(&numbers, &schema(data_type.clone()), |lent| Ok(lent.batch.num_rows())) };
            match lent {
                Ok(found) => assert!(is_fine && found == rows, "{data_type} {rows}"),
                Err(error) => {
                    assert!(!is_fine, "{data_type} {rows}: {error}");
                    assert_eq!((error.code(), error.column()), (ErrorCode::InvalidArgument, Some("a")));
                    assert!(error.to_string().contains("too many"), "{error}");
                }
            }
        }
    }
}

#[test]
fn texts_of_a_slice_are_checked_without_the_rest() {
    let mut text = vec![0xff; 10_000];
    text.extend_from_slice("häß".as_bytes());
    text.extend_from_slice(&[0xff; 10_000]);
    let offsets = bytes(&[10_000, 10_003, 10_003, 10_005]);
    let strings = |offsets: &[u8]| {
        let numbers = description(offsets.len() / 4 - 1, 0, 0, &[&[], offsets, &text]);
        // SAFETY: as above.
        unsafe {
            lend(&numbers, &schema(DataType::Utf8), |lent| {
                let column = lent.batch.column(0).as_string::<i32>();
                Ok(column.iter().flatten().map(str::to_owned).collect::<Vec<_>>())
            })
        }
    };
    assert_eq!(strings(&offsets).expect("a slice"), ["hä", "", "ß"]);
    for wrong in [[9_999, 10_003], [10_002, 10_003], [10_003, 10_000], [-1, 10_003], [10_000, i32::MAX]] {
        assert!(strings(&bytes(&wrong)).is_err(), "{wrong:?}");
    }
    assert!(strings(&bytes(&[10_000, 9_000, 10_003])).is_err());
    assert!(strings(&bytes(&[10_000, i32::MIN, 10_003])).is_err());
    assert!(strings(&offsets[..11]).is_err());
}

#[test]
fn texts_of_ascii_are_checked_as_all_others() {
    let strings = |rows: usize, nulls: usize, offsets: &[i32], text: &[u8]| {
        let offsets = bytes(offsets);
        let numbers = description(rows, nulls, 0, &[&[0b1111_1101], &offsets, text]);
        // SAFETY: as above.
        unsafe {
            lend(&numbers, &schema(DataType::Utf8), |lent| {
                let column = lent.batch.column(0).as_string::<i32>();
                Ok(column.iter().map(|text| text.unwrap_or("-").to_owned()).collect::<Vec<_>>())
            })
        }
    };
    assert_eq!(strings(3, 1, &[1, 3, 3, 4], b"abcd").expect("texts"), ["bc", "-", "d"]);
    assert_eq!(strings(0, 0, &[2], b"abcd").expect("none"), [""; 0]);
    for wrong in [[1, 3, 2, 4], [1, 3, 3, 5], [-1, 3, 3, 4], [3, 2, 1, 0], [0, 9, 3, 4], [0, i32::MIN, 3, 4]] {
        assert!(strings(3, 1, &wrong, b"abcd").is_err(), "{wrong:?}");
    }
    assert!(strings(3, 0, &[1, 3, 3], b"abcd").is_err());
    assert!(strings(usize::MAX >> 12, 0, &[1, 3, 3], b"abcd").is_err());
    assert!(strings(3, 1, &[0, 1, 1, 2], b"a\xff").is_err());
}

#[test]
fn keys_and_views_that_are_not_whole_are_errors() {
    let keys = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Int32));
    for (data_type, width) in [(keys, 4), (DataType::Utf8View, 16), (DataType::BinaryView, 16)] {
        let values = vec![0; 3 * width];
        for cut in [1, width / 2, width - 1] {
            // Of two rows, so that there are enough bytes.
            let numbers = description(2, 0, 0, &[&[], &values[..values.len() - cut]]);
            // SAFETY: as above.
            let error = unsafe { lend(&numbers, &schema(data_type.clone()), |_| Ok(())) }.expect_err("not whole");
            assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
            assert!(error.to_string().contains("no multiple"), "{error}");
        }
    }
}
