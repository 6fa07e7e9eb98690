//! The column of a Parquet file that holds what an expression names.

use arrow_schema::{DataType, Fields};
use parquet::basic::{ColumnOrder, ConvertedType, LogicalType, SortOrder, Type as PhysicalType};
use parquet::schema::types::{ColumnDescriptor, Type};

use super::facts::value_type;
use crate::expression::bound::ColumnRef;
use crate::files::file::ParquetFile;

/// A leaf column outside of lists, whose rows are its values.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// Its index in the file.
    pub(super) index: usize,
    /// The type of its values as stored: that of the file's schema.
    pub(super) stored: DataType,
    /// The type of its values as expressions see them.
    pub(super) wanted: DataType,
    /// Whether it is itself optional.
    pub(super) optional: bool,
    /// Whether a struct that it is in is optional.
    pub(super) in_optional: bool,
    /// Which of its bounds may be believed.
    pub(super) order: BoundOrder,
}

/// Which bounds of a column are in the order that expressions compare by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BoundOrder {
    /// All.
    Right,
    /// All, and the deprecated ones, which were compared as signed numbers, too.
    RightAlsoDeprecated,
    /// None.
    Unknown,
}

impl Leaf {
    /// The leaf of a column; `None` for structs, for what is under lists, and for what cannot be read.
    pub(super) fn find(file: &ParquetFile, column: &ColumnRef) -> Option<Self> {
        let descriptor = file.metadata.file_metadata().schema_descr();
        let (node, mut first_leaf) = child(descriptor.root_schema(), column.root, 0)?;
        let (mut node, mut stored) = (node, field_type(file.schema.fields(), column.root, node)?);
        let mut in_optional = false;
        for field in &column.fields {
            let DataType::Struct(fields) = stored else { return None };
            in_optional |= node.is_optional();
            (node, first_leaf) = child(node, *field, first_leaf)?;
            stored = field_type(fields, *field, node)?;
        }
        let descr = descriptor.column(first_leaf);
        if !node.is_primitive() || descr.max_rep_level() > 0 || file.check_supported(&[first_leaf]).is_err() {
            return None;
        }
        let (stored, wanted) = (value_type(stored).clone(), value_type(&column.data_type).clone());
        if !same_values(&stored, &wanted) {
            return None;
        }
        let order = file.metadata.file_metadata().column_orders().map(|orders| orders.get(first_leaf).copied());
        let order = order.map_or(ColumnOrder::UNDEFINED, |order| order.unwrap_or(ColumnOrder::UNKNOWN));
        let order = bound_order(order, &descr, &stored);
        Some(Self { index: first_leaf, stored, wanted, optional: node.is_optional(), in_optional, order })
    }
}

/// A group's child, by its index among those that hold leaves, and the index of its first leaf.
fn child(group: &Type, index: usize, first_leaf: usize) -> Option<(&Type, usize)> {
    if group.is_primitive() {
        return None;
    }
    let mut leaf = first_leaf;
    // A group without leaves has no field in the Arrow schema.
    let with_leaves = group.get_fields().iter().map(|field| (field, leaves(field))).filter(|(_, count)| *count > 0);
    for (position, (field, count)) in with_leaves.enumerate() {
        if position == index {
            return Some((field, leaf));
        }
        leaf += count;
    }
    None
}

fn leaves(node: &Type) -> usize {
    if node.is_primitive() { 1 } else { node.get_fields().iter().map(|field| leaves(field)).sum() }
}

/// The type of a field that must have the name of its node.
fn field_type<'a>(fields: &'a Fields, index: usize, node: &Type) -> Option<&'a DataType> {
    fields.get(index).filter(|field| field.name() == node.name()).map(|field| field.data_type())
}

/// Whether two types are forms of the same values, so that a cast from one to the other changes none.
fn same_values(stored: &DataType, wanted: &DataType) -> bool {
    let is_binary =
        |data_type: &DataType| matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
    let scale = |data_type: &DataType| match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Some(*scale),
        _ => None,
    };
    stored == wanted
        || (stored.is_string() && wanted.is_string())
        || (is_binary(stored) && is_binary(wanted))
        || scale(stored).is_some_and(|stored| scale(wanted) == Some(stored))
}

/// Which bounds to believe, by the order that the file declares and the one that the Arrow type has.
fn bound_order(declared: ColumnOrder, descr: &ColumnDescriptor, stored: &DataType) -> BoundOrder {
    let order = match declared {
        ColumnOrder::TYPE_DEFINED_ORDER(order) => order,
        // Before orders were declared, all values were compared as signed.
        ColumnOrder::UNDEFINED => SortOrder::SIGNED,
        // Bounds that are NaN or zeros are looked at anyway.
        ColumnOrder::IEEE_754_TOTAL_ORDER if stored.is_floating() => SortOrder::SIGNED,
        ColumnOrder::IEEE_754_TOTAL_ORDER | ColumnOrder::INT96_TIMESTAMP_ORDER | ColumnOrder::UNKNOWN => {
            return BoundOrder::Unknown;
        }
    };
    let physical = descr.physical_type();
    let undefined = physical == PhysicalType::INT96
        || descr.converted_type() == ConvertedType::INTERVAL
        || matches!(descr.logical_type_ref(), Some(LogicalType::Unknown))
        || descr.sort_order() == SortOrder::UNDEFINED;
    let in_bytes = matches!(physical, PhysicalType::BYTE_ARRAY | PhysicalType::FIXED_LEN_BYTE_ARRAY);
    let wanted = match stored {
        _ if undefined => return BoundOrder::Unknown,
        DataType::Boolean => return BoundOrder::RightAlsoDeprecated,
        stored if stored.is_unsigned_integer() || stored.is_string() || is_bytes(stored) => SortOrder::UNSIGNED,
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale)
            if i32::from(*scale) != descr.type_scale() =>
        {
            return BoundOrder::Unknown;
        }
        stored if stored.is_numeric() || stored.is_temporal() => SortOrder::SIGNED,
        _ => return BoundOrder::Unknown,
    };
    match (order == wanted, wanted == SortOrder::SIGNED && !in_bytes, declared) {
        (true, true, _) => BoundOrder::RightAlsoDeprecated,
        (true, false, ColumnOrder::TYPE_DEFINED_ORDER(_) | ColumnOrder::IEEE_754_TOTAL_ORDER) => BoundOrder::Right,
        _ => BoundOrder::Unknown,
    }
}

fn is_bytes(data_type: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(data_type, Binary | LargeBinary | BinaryView | FixedSizeBinary(_))
}
