//! Expressions bound to a schema: names resolved, types settled, literals in the type that they are compared in.
//!
//! Plain data, and the one form that evaluation and pruning read. What binding has settled:
//! - both sides of a comparison have the same type, and a literal beside a column has the column's, or that of what its
//!   dictionary holds. Where no type holds the values of two columns exactly, they keep different ones: integers of 64 bits
//!   or decimals and floats, dates and timestamps of different units, durations of different units;
//! - `and`, `or`, `not` and comparisons follow SQL's three-valued logic;
//! - nothing fails on values: what has no result (a division by zero, an overflow, text that is no number) is null. That
//!   makes it sound to evaluate an expression on more or on fewer rows than another order of steps would.

use arrow_array::ArrayRef;
use arrow_schema::DataType;

/// An expression over the columns of a schema.
#[derive(Debug, Clone)]
pub enum Bound {
    /// A column, or a field within structs.
    Column(ColumnRef),
    /// An array of one value, which may be null.
    Literal(ArrayRef),
    /// A comparison of two values, of one type where there is one that holds both exactly.
    Compare {
        /// Which.
        op: CompareOp,
        /// The left side; the column where a column is compared with a literal.
        left: Box<Bound>,
        /// The right side.
        right: Box<Bound>,
    },
    /// Whether a value is one of a list: null where it is null, or is not in a list that holds null.
    In {
        /// The value.
        value: Box<Bound>,
        /// Distinct values of the value's type, none of them null.
        list: ArrayRef,
        /// Whether the list held null too.
        has_null: bool,
    },
    /// `truth` where the value is not null, else null: what a comparison becomes that its types decide, such as an
    /// integer equal to 1.5.
    Known {
        /// The value.
        value: Box<Bound>,
        /// The answer.
        truth: bool,
    },
    /// True where all are, false where one is false, else null.
    And(Vec<Bound>),
    /// True where one is, false where all are false, else null.
    Or(Vec<Bound>),
    /// Null stays null.
    Not(Box<Bound>),
    /// Whether a value is null; never null itself.
    IsNull(Box<Bound>),
    /// Whether a float is NaN.
    IsNan(Box<Bound>),
    /// A test of a text against a constant pattern.
    Text {
        /// Which.
        op: TextOp,
        /// The text.
        value: Box<Bound>,
        /// The text to look for, or the pattern.
        pattern: String,
    },
    /// Arithmetic on two values: integers of 64 bits, floats, or decimals of 128 or 256 bits, whose results are arrow's.
    /// The quotient of integers is a float64, null where the divisor is zero.
    Arithmetic {
        /// Which.
        op: ArithmeticOp,
        /// The left side.
        left: Box<Bound>,
        /// The right side.
        right: Box<Bound>,
    },
    /// A cast; null where the value has no counterpart.
    Cast {
        /// The value.
        value: Box<Bound>,
        /// The type wanted.
        to: DataType,
    },
    /// A function of its arguments.
    Call {
        /// Which.
        function: Function,
        /// The arguments, as many as the function has.
        arguments: Vec<Bound>,
        /// The result's type.
        data_type: DataType,
    },
}

/// A column of a schema, or a field within its structs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnRef {
    /// Index of the top-level column in the schema.
    pub root: usize,
    /// Indices of the fields to follow within structs; empty for a top-level column.
    pub fields: Vec<usize>,
    /// The name with dots.
    pub name: String,
    /// The type of its values.
    pub data_type: DataType,
}

/// A comparison. NaN equals NaN and is greater than every number; -0.0 equals 0.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as SQL's operators")]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A test of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOp {
    /// Begins with the pattern.
    StartsWith,
    /// Ends with it.
    EndsWith,
    /// Contains it.
    Contains,
    /// SQL's `LIKE`: `%` for any text, `_` for one character, `\` before either for itself.
    Like,
    /// A regular expression that matches somewhere.
    Matches,
}

/// Arithmetic; integers that overflow and divisions by zero give null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as they are")]
pub enum ArithmeticOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The negative of a number.
    Neg,
    /// The absolute value.
    Abs,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Characters of a text, bytes of a binary, items of a list.
    Length,
    /// The year of a date or timestamp, in its zone.
    Year,
    /// The month, 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The first argument that is not null.
    Coalesce,
}
