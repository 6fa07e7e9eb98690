//! Expressions as they are written: names and constants, before they meet a schema.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::json;
use super::literal::{Literal, write_quoted};
use super::operation::Operation;
use crate::error::{ErrorCode, Result, SpillwayError};

/// How deep expressions may be nested: recursion over them has to fit the stack of every thread.
pub const MAX_DEPTH: usize = 256;

/// An expression over columns by name.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column, or a field within structs. An element may hold dots, which is a path where no column has that name.
    Column(Vec<String>),
    /// A constant.
    Literal(Literal),
    /// An operation on arguments.
    Call {
        /// Which.
        operation: Operation,
        /// As many as the operation takes.
        arguments: Vec<Expr>,
    },
}

impl Expr {
    /// Reads the JSON text of an expression, however deep up to the limit.
    ///
    /// # Errors
    /// `INVALID_EXPRESSION` for other text, for unknown operations, for wrong numbers of arguments, and for expressions
    /// nested deeper than [`MAX_DEPTH`].
    pub fn from_json(text: &str) -> Result<Self> {
        // Each level is an object in an array, and the innermost literal has two more.
        let value = json::parse(text, 2 * MAX_DEPTH + 2).map_err(|cause| invalid(&cause))?;
        Self::from_value(&value)
    }

    /// Reads an expression from JSON.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn from_value(value: &Value) -> Result<Self> {
        read(value, MAX_DEPTH).map_err(|cause| invalid(&cause))
    }

    /// The columns it names, each once, in the order of their first mention.
    #[must_use]
    pub fn column_paths(&self) -> Vec<Vec<String>> {
        let mut paths: Vec<Vec<String>> = Vec::new();
        self.visit(&mut |expr| match expr {
            Self::Column(path) if !paths.contains(path) => paths.push(path.clone()),
            _ => {}
        });
        paths
    }

    /// The expression with columns replaced where `replacement` gives something for their path.
    #[must_use]
    pub fn substitute(&self, replacement: &dyn Fn(&[String]) -> Option<Self>) -> Self {
        match self {
            Self::Column(path) => replacement(path).unwrap_or_else(|| self.clone()),
            Self::Literal(_) => self.clone(),
            Self::Call { operation, arguments } => Self::Call {
                operation: operation.clone(),
                arguments: arguments.iter().map(|argument| argument.substitute(replacement)).collect(),
            },
        }
    }

    /// The conjunction of predicates; none of none.
    #[must_use]
    pub fn and(mut predicates: Vec<Self>) -> Option<Self> {
        if predicates.len() < 2 {
            return predicates.pop();
        }
        Some(Self::Call { operation: Operation::And, arguments: predicates })
    }

    /// How deep it is nested; 1 for a column or a constant.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::Call { arguments, .. } => 1 + arguments.iter().map(Self::depth).max().unwrap_or(0),
            _ => 1,
        }
    }

    fn visit(&self, visitor: &mut dyn FnMut(&Self)) {
        visitor(self);
        if let Self::Call { arguments, .. } = self {
            for argument in arguments {
                argument.visit(visitor);
            }
        }
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        read(&value, MAX_DEPTH).map_err(serde::de::Error::custom)
    }
}

fn invalid(cause: &str) -> SpillwayError {
    SpillwayError::new(ErrorCode::InvalidExpression, format!("Cannot read the expression: {cause}"))
}

fn read(value: &Value, depth: usize) -> std::result::Result<Expr, String> {
    if depth == 0 {
        return Err(format!("it is nested deeper than {MAX_DEPTH} levels; split it, or use `in` for many values"));
    }
    let members = value.as_object().ok_or_else(|| format!("{value} is no expression, which is an object"))?;
    if let Some(path) = members.get("column") {
        let path = path.as_array().filter(|path| !path.is_empty());
        let path = path.and_then(|path| path.iter().map(|name| name.as_str().map(str::to_owned)).collect());
        return path.map(Expr::Column).ok_or_else(|| "a column needs its path as a list of names".into());
    }
    if let Some(literal) = members.get("literal") {
        let members = literal.as_object().ok_or("a literal needs a `type` and a `value`")?;
        return Literal::from_members(members).map(Expr::Literal);
    }
    let name = members.get("call").and_then(Value::as_str);
    let name = name.ok_or("an expression needs a `column`, a `literal` or a `call`")?;
    let to = members.get("to").and_then(Value::as_str);
    let operation = Operation::parse(name, to)?;
    let arguments = members.get("arguments").and_then(Value::as_array);
    let arguments = arguments.ok_or_else(|| format!("'{name}' needs a list of `arguments`"))?;
    operation.check_count(arguments.len())?;
    let arguments =
        arguments.iter().map(|argument| read(argument, depth - 1)).collect::<std::result::Result<_, _>>()?;
    Ok(Expr::Call { operation, arguments })
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl Expr {
    /// Writes it as SQL, in parentheses where it binds weaker than what surrounds it.
    fn write(&self, f: &mut fmt::Formatter<'_>, around: u8) -> fmt::Result {
        let (operation, arguments) = match self {
            Self::Column(path) => return f.write_str(&path.join(".")),
            Self::Literal(literal) => return write!(f, "{literal}"),
            Self::Call { operation, arguments } => (operation, arguments.as_slice()),
        };
        let binding = operation.binding();
        let parentheses = binding <= around;
        if parentheses {
            f.write_str("(")?;
        }
        match (operation, arguments) {
            (Operation::Between, [value, low, high]) => {
                value.write(f, binding)?;
                f.write_str(" BETWEEN ")?;
                low.write(f, binding)?;
                f.write_str(" AND ")?;
                high.write(f, binding)?;
            }
            (Operation::In | Operation::NotIn, [value, list @ ..]) => {
                value.write(f, binding)?;
                write!(f, " {} (", operation.symbol())?;
                Self::write_list(f, list, ", ", 0)?;
                f.write_str(")")?;
            }
            (Operation::IsNull | Operation::IsNotNull, [value]) => {
                value.write(f, binding)?;
                write!(f, " {}", operation.symbol())?;
            }
            (Operation::Not | Operation::Neg, [value]) => {
                f.write_str(operation.symbol())?;
                value.write(f, binding)?;
            }
            (Operation::Cast(name, _), [value]) => {
                f.write_str("CAST(")?;
                value.write(f, 0)?;
                write!(f, " AS {name})")?;
            }
            (Operation::Like, [value, Self::Literal(Literal::String(pattern))]) => {
                value.write(f, binding)?;
                f.write_str(" LIKE ")?;
                write_quoted(f, pattern)?;
            }
            (operation, [left, right]) if operation.is_infix() => {
                // `a - b - c` is `(a - b) - c`, so only the right side needs parentheses at equal strength.
                let left_around = if operation.is_arithmetic() { binding - 1 } else { binding };
                left.write(f, left_around)?;
                write!(f, " {} ", operation.symbol())?;
                right.write(f, binding)?;
            }
            (Operation::And | Operation::Or, arguments) => {
                Self::write_list(f, arguments, &format!(" {} ", operation.symbol()), binding)?;
            }
            (operation, arguments) => {
                write!(f, "{}(", operation.symbol())?;
                Self::write_list(f, arguments, ", ", 0)?;
                f.write_str(")")?;
            }
        }
        if parentheses { f.write_str(")") } else { Ok(()) }
    }

    fn write_list(f: &mut fmt::Formatter<'_>, list: &[Self], separator: &str, around: u8) -> fmt::Result {
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                f.write_str(separator)?;
            }
            item.write(f, around)?;
        }
        Ok(())
    }
}
