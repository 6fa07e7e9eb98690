//! The operations of expressions: their names, how many arguments they take, how they print.

use arrow_schema::DataType;

use super::bound::{ArithmeticOp, CompareOp, Function, TextOp};
use super::types::parse_type;

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as SQL's operators and functions")]
pub enum Operation {
    Compare(CompareOp),
    Between,
    In,
    NotIn,
    IsNull,
    IsNotNull,
    IsNan,
    Text(TextOp),
    Like,
    And,
    Or,
    Not,
    Neg,
    Arithmetic(ArithmeticOp),
    /// The type's name as written, and the type.
    Cast(String, DataType),
    /// A function of one argument.
    Function(Function),
    Coalesce,
}

impl Operation {
    /// The operation of a name; `to` is the type that a cast is to.
    ///
    /// # Errors
    /// Text that says which name is wrong.
    pub fn parse(name: &str, to: Option<&str>) -> Result<Self, String> {
        Ok(match name {
            "eq" => Self::Compare(CompareOp::Eq),
            "ne" => Self::Compare(CompareOp::Ne),
            "lt" => Self::Compare(CompareOp::Lt),
            "le" => Self::Compare(CompareOp::Le),
            "gt" => Self::Compare(CompareOp::Gt),
            "ge" => Self::Compare(CompareOp::Ge),
            "between" => Self::Between,
            "in" => Self::In,
            "notIn" => Self::NotIn,
            "isNull" => Self::IsNull,
            "isNotNull" => Self::IsNotNull,
            "isNaN" => Self::IsNan,
            "startsWith" => Self::Text(TextOp::StartsWith),
            "endsWith" => Self::Text(TextOp::EndsWith),
            "contains" => Self::Text(TextOp::Contains),
            "matches" => Self::Text(TextOp::Matches),
            "like" => Self::Like,
            "and" => Self::And,
            "or" => Self::Or,
            "not" => Self::Not,
            "add" => Self::Arithmetic(ArithmeticOp::Add),
            "sub" => Self::Arithmetic(ArithmeticOp::Sub),
            "mul" => Self::Arithmetic(ArithmeticOp::Mul),
            "div" => Self::Arithmetic(ArithmeticOp::Div),
            "mod" => Self::Arithmetic(ArithmeticOp::Mod),
            "neg" => Self::Neg,
            "cast" => {
                let to = to.ok_or("'cast' needs the type to cast to as `to`")?;
                let data_type = parse_type(to).ok_or_else(|| format!("there is no type '{to}' to cast to"))?;
                Self::Cast(to.to_owned(), data_type)
            }
            "lower" => Self::Function(Function::Lower),
            "upper" => Self::Function(Function::Upper),
            "length" => Self::Function(Function::Length),
            "abs" => Self::Function(Function::Abs),
            "year" => Self::Function(Function::Year),
            "month" => Self::Function(Function::Month),
            "day" => Self::Function(Function::Day),
            "coalesce" => Self::Coalesce,
            _ => return Err(format!("there is no operation '{name}'")),
        })
    }

    /// Checks how many arguments it is given.
    ///
    /// # Errors
    /// Text that says how many it takes.
    pub fn check_count(&self, count: usize) -> Result<(), String> {
        let (least, most) = match self {
            Self::Compare(_) | Self::Text(_) | Self::Like | Self::Arithmetic(_) => (2, 2),
            Self::Between => (3, 3),
            Self::In | Self::NotIn | Self::And | Self::Or | Self::Coalesce => (1, usize::MAX),
            _ => (1, 1),
        };
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let wanted = if most == least { least.to_string() } else { format!("at least {least}") };
        Err(format!("'{}' takes {wanted} arguments, not {count}", self.symbol().trim()))
    }

    /// How it prints: between its arguments, before them, or as a function's name.
    #[must_use]
    pub fn symbol(&self) -> &'static str {
        match self {
            Self::Compare(op) => op.symbol(),
            Self::Between => "BETWEEN",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
            Self::IsNull => "IS NULL",
            Self::IsNotNull => "IS NOT NULL",
            Self::IsNan => "is_nan",
            Self::Text(op) => op.symbol(),
            Self::Like => "LIKE",
            Self::And => "AND",
            Self::Or => "OR",
            Self::Not => "NOT ",
            Self::Neg => "-",
            Self::Arithmetic(op) => op.symbol(),
            Self::Cast(..) => "CAST",
            Self::Function(function) => function.symbol(),
            Self::Coalesce => "coalesce",
        }
    }

    /// How strongly it binds when printed; functions bind strongest.
    #[must_use]
    pub(super) fn binding(&self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Not => 3,
            Self::Compare(_) | Self::Between | Self::In | Self::NotIn | Self::IsNull | Self::IsNotNull | Self::Like => {
                4
            }
            Self::Arithmetic(ArithmeticOp::Add | ArithmeticOp::Sub) => 6,
            Self::Arithmetic(_) => 8,
            Self::Neg => 9,
            _ => 10,
        }
    }

    pub(super) fn is_infix(&self) -> bool {
        matches!(self, Self::Compare(_) | Self::Arithmetic(_) | Self::Like)
    }

    pub(super) fn is_arithmetic(&self) -> bool {
        matches!(self, Self::Arithmetic(_))
    }
}

impl CompareOp {
    /// SQL's operator.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "<>",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    /// The comparison that gives the same when the sides change places.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Eq | Self::Ne => self,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
        }
    }

    /// The comparison that is true where this one is false, and null where it is null: the order is total.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    /// Whether it holds for two values of this order.
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

impl TextOp {
    /// The function's name.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::Contains => "contains",
            Self::Like => "LIKE",
            Self::Matches => "matches",
        }
    }
}

impl ArithmeticOp {
    /// SQL's operator.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
        }
    }
}

impl Function {
    /// The function's name.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Neg => "-",
            Self::Abs => "abs",
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Length => "length",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Coalesce => "coalesce",
        }
    }
}
