//! Batches as JavaScript lends them to transforms and sinks: numbers that describe nodes and buffers.

use arrow_array::{Array, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_data::ArrayData;
use arrow_schema::DataType;

/// A column or child: what is said of it, and its memory.
#[derive(Debug, Clone)]
pub struct Node {
    pub length: f64,
    pub null_count: f64,
    pub bit_offset: f64,
    pub buffers: Vec<Lent>,
    pub children: Vec<Node>,
}

/// Memory that is lent, and how much of it is spoken of.
#[derive(Debug, Clone)]
pub struct Lent {
    pub bytes: Vec<u8>,
    pub said: usize,
}

impl Lent {
    pub fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), said: bytes.len() }
    }
}

impl Node {
    pub fn of(data: &ArrayData) -> Self {
        let nulls = data.nulls().filter(|nulls| nulls.null_count() > 0);
        let validity = nulls.map_or(&[][..], |nulls| nulls.validity());
        let is_null = data.data_type() == &DataType::Null;
        let mut buffers = if is_null { Vec::new() } else { vec![Lent::new(validity)] };
        buffers.extend(data.buffers().iter().map(|buffer| Lent::new(buffer.as_slice())));
        Self {
            length: data.len() as f64,
            null_count: if is_null { data.len() } else { nulls.map_or(0, NullBuffer::null_count) } as f64,
            bit_offset: 0.0,
            buffers,
            children: data.child_data().iter().map(Self::of).collect(),
        }
    }

    fn write(&self, out: &mut Vec<f64>) {
        out.extend([self.length, self.null_count, self.bit_offset]);
        out.extend([self.buffers.len() as f64, self.children.len() as f64]);
        for buffer in &self.buffers {
            out.extend([buffer.bytes.as_ptr() as usize as f64, buffer.said.min(buffer.bytes.len()) as f64, 0.0]);
        }
        self.children.iter().for_each(|child| child.write(out));
    }

    /// Every node, this one first.
    pub fn visit(&mut self, visitor: &mut dyn FnMut(&mut Self)) {
        visitor(self);
        self.children.iter_mut().for_each(|child| child.visit(visitor));
    }
}

/// The nodes of a batch, whose arrays begin at their first value.
pub fn nodes(batch: &RecordBatch) -> Vec<Node> {
    batch.columns().iter().map(|column| Node::of(&column.to_data())).collect()
}

/// The numbers of a batch; the nodes hold the memory that they tell of.
pub fn numbers(number: usize, rows: f64, nodes: &[Node]) -> Vec<f64> {
    let mut out = vec![number as f64, rows, 0.0];
    for node in nodes {
        node.write(&mut out);
    }
    out
}

/// A schema as an Arrow IPC stream without batches.
pub fn schema_bytes(schema: &arrow_schema::Schema) -> Vec<u8> {
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), schema).expect("schema");
    writer.finish().expect("end");
    writer.into_inner().expect("bytes")
}
