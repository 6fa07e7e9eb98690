use std::sync::Arc;

use arrow_array::types::{Int16Type, Int32Type};
use arrow_array::{
    BinaryViewArray, Decimal64Array, DictionaryArray, FixedSizeBinaryArray, Int32Array, LargeListArray,
    LargeStringArray, ListArray, RunArray, StringArray, StringViewArray,
};
use arrow_schema::{UnionFields, UnionMode};

use super::*;

fn field_of(array: &ArrayRef) -> FieldRef {
    Arc::new(Field::new("a", array.data_type().clone(), false))
}

fn show(array: &ArrayRef) -> ArrayRef {
    let field = shown_field(&field_of(array), Strings::Utf8).expect("field");
    shown(array, &field).expect("values")
}

#[test]
fn texts_of_every_kind_are_shown_as_one() {
    let values = [Some("a"), None, Some("longer than twelve bytes")];
    let expected: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
    let dictionary: DictionaryArray<Int16Type> = values.into_iter().collect();
    let kinds: [ArrayRef; 4] = [
        Arc::clone(&expected),
        Arc::new(LargeStringArray::from(values.to_vec())),
        Arc::new(StringViewArray::from(values.to_vec())),
        Arc::new(dictionary),
    ];
    for kind in kinds {
        let data_type = kind.data_type().clone();
        assert_eq!(&show(&kind.slice(1, 2)), &expected.slice(1, 2), "{data_type}");
        assert_eq!(&show(&kind), &expected, "{data_type}");
    }
    let large = field_of(&(Arc::new(LargeStringArray::from(vec!["a"])) as ArrayRef));
    let kept = shown_field(&large, Strings::Preserve).expect("field");
    assert_eq!((kept.data_type(), kept.is_nullable()), (&DataType::LargeUtf8, true));
    let binary: ArrayRef = Arc::new(BinaryViewArray::from(vec![b"x".as_slice()]));
    assert_eq!(show(&binary).data_type(), &DataType::Binary);
}

#[test]
fn numbers_that_apache_arrow_cannot_hold_become_wider() {
    let decimals = Decimal64Array::from(vec![Some(-5), None]).with_precision_and_scale(10, 2).expect("decimals");
    let shown = show(&(Arc::new(decimals) as ArrayRef));
    assert_eq!(shown.data_type(), &DataType::Decimal128(10, 2));
    assert_eq!(shown.as_primitive::<arrow_array::types::Decimal128Type>().values()[0], -5);
}

#[test]
fn lists_of_64_bits_and_runs_are_shown_as_plain_ones() {
    let large =
        LargeListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None, Some(vec![Some(2)])]);
    let plain = ListArray::from_iter_primitive::<Int32Type, _, _>([None, Some(vec![Some(2)])]);
    assert_eq!(show(&(Arc::new(large) as ArrayRef).slice(1, 2)).as_ref(), &plain as &dyn Array);
    let runs: RunArray<Int32Type> = ["a", "a", "b", "b", "b"].into_iter().collect();
    let runs: ArrayRef = Arc::new(runs);
    let expected = StringArray::from(vec!["a", "b", "b"]);
    assert_eq!(show(&runs.slice(1, 3)).as_ref(), &expected as &dyn Array);
}

#[test]
fn structs_may_be_shown_in_part() {
    let field = |name: &str| Arc::new(Field::new(name, DataType::Int32, true));
    let numbers = |first: i32| Arc::new(Int32Array::from(vec![first, first + 1])) as ArrayRef;
    let pair = StructArray::from(vec![(field("x"), numbers(1)), (field("y"), numbers(3))]);
    let array: ArrayRef = Arc::new(pair);
    let part = Field::new("a", DataType::Struct(vec![field("y")].into()), true);
    let shown = shown(&array, &part).expect("part");
    assert_eq!(shown.as_struct().columns(), [numbers(3)]);
    let none = Field::new("a", DataType::Struct(Vec::<FieldRef>::new().into()), true);
    assert_eq!(super::shown(&array, &none).expect("none").len(), 2);
}

#[test]
fn types_that_cannot_be_shown_are_refused_by_name() {
    let item = |data_type: DataType| Arc::new(Field::new("item", data_type, true));
    let union = DataType::Union(UnionFields::from_fields([Field::new("x", DataType::Int32, true)]), UnionMode::Sparse);
    let runs = DataType::RunEndEncoded(item(DataType::Int32), item(DataType::Int32));
    let of = |values: DataType| DataType::Dictionary(Box::new(DataType::Int8), Box::new(values));
    let refused = [
        union.clone(),
        DataType::List(item(union)),
        DataType::ListView(item(DataType::Int32)),
        DataType::List(item(runs)),
        of(DataType::List(item(DataType::Int32))),
        of(DataType::FixedSizeBinary(5000)),
        DataType::List(item(of(DataType::FixedSizeBinary(1)))),
    ];
    for data_type in refused {
        let field = Arc::new(Field::new("a", data_type, true));
        let error = shown_field(&field, Strings::Utf8).expect_err("refused");
        assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("a")), "{field}");
    }
    let small = FixedSizeBinaryArray::try_from_iter([[1_u8, 2]].into_iter()).expect("values");
    let small = DictionaryArray::<Int32Type>::new(Int32Array::from(vec![0, 0]), Arc::new(small));
    assert_eq!(show(&(Arc::new(small) as ArrayRef)).data_type(), &DataType::FixedSizeBinary(2));
}

#[test]
fn one_text_that_is_shown_too_often_is_an_error_before_it_fills_the_memory() {
    let text = "x".repeat(1 << 20);
    let views = StringViewArray::from(vec![text.as_str()]);
    let views = StringViewArray::new(vec![views.views()[0]; 2048].into(), views.data_buffers().to_vec(), None);
    let array: ArrayRef = Arc::new(views);
    let field = shown_field(&field_of(&array), Strings::Utf8).expect("field");
    let error = shown(&array, &field).expect_err("2 GiB");
    assert_eq!((error.code(), error.column()), (ErrorCode::MemoryLimit, Some("a")));
}
