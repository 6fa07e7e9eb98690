//! Columns that agree and some that do not, in pages of all kinds.

use super::*;

/// Levels of one row.
type Row = Vec<[u32; 2]>;

struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// Levels that go on for some values, or change with each.
    fn between(&mut self, least: u32, most: u32) -> u32 {
        if self.below(3) > 0 { most } else { least + self.below(u64::from(most - least) + 1) as u32 }
    }
}

/// Structs that may be null, lists of them, and lists of lists: what the group has, and columns in it, of which some
/// are deeper in lists.
const GROUPS: [(SharedLevels, &[[i16; 2]]); 3] = [
    ([0, 1], &[[0, 1], [0, 2], [1, 4], [2, 3]]),
    ([1, 3], &[[1, 3], [1, 4], [2, 6]]),
    ([2, 5], &[[2, 5], [2, 6], [3, 9]]),
];

/// Levels that a group might have.
fn group([repetition, definition]: SharedLevels, rows: usize, random: &mut Random) -> Vec<Row> {
    let (repetition, definition) = (repetition as u32, definition as u32);
    let row = |random: &mut Random| {
        let values = if repetition == 0 || random.below(2) == 0 { 0 } else { random.below(6) };
        let first = [0, random.between(0, definition)];
        let rest = (0..values).map(|_| [1 + random.below(repetition.into()) as u32, random.between(2, definition)]);
        std::iter::once(first).chain(rest).collect()
    };
    // Runs of rows alike are stored as such.
    let mut all: Vec<Row> = Vec::new();
    while all.len() < rows {
        let (row, times) = (row(random), if random.below(5) == 0 { 1 + random.below(90) as usize } else { 1 });
        all.extend(std::iter::repeat_n(row, times.min(rows - all.len())));
    }
    all
}

/// What a column tells of them, with levels of its own.
fn column(rows: &[Row], shared: SharedLevels, most: [i16; 2], random: &mut Random) -> Vec<Row> {
    let value = |[repetition, definition]: [u32; 2], random: &mut Random| -> Row {
        if definition < shared[1] as u32 {
            return vec![[repetition, definition]];
        }
        let own = |random: &mut Random| random.between(definition, most[1] as u32);
        let deeper = if most[0] > shared[0] { random.below(4) } else { 0 };
        let first = [repetition, own(random)];
        let rest = (0..deeper).map(|_| [random.between(shared[0] as u32 + 1, most[0] as u32), own(random)]);
        std::iter::once(first).chain(rest).collect()
    };
    rows.iter().map(|row| row.iter().flat_map(|levels| value(*levels, random)).collect()).collect()
}

/// One kind of levels as it may be stored: in runs, and packed by eights.
fn stored(levels: &[u32], most: i16, random: &mut Random) -> Vec<u8> {
    let width = (i16::BITS - most.leading_zeros()) as usize;
    let (mut bytes, mut rest) = (Vec::new(), levels);
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|level| *level == first).count().min(63);
        let groups = rest.len() / 8;
        if (run < 8 || random.below(4) == 0) && (groups > 0 || random.below(2) == 0) {
            let groups = groups.clamp(1, 1 + random.below(20) as usize);
            let mut packed = vec![0; groups * width];
            for (index, level) in rest.iter().take(groups * 8).enumerate() {
                (0..width).for_each(|bit| {
                    packed[(index * width + bit) / 8] |= ((level >> bit & 1) as u8) << ((index * width + bit) % 8);
                });
            }
            bytes.push((groups << 1 | 1) as u8);
            bytes.extend(packed);
            rest = &rest[rest.len().min(groups * 8)..];
        } else {
            bytes.extend([(run << 1) as u8, *first as u8]);
            rest = &rest[run..];
        }
    }
    bytes
}

fn page(values: &[[u32; 2]], most: [i16; 2], random: &mut Random) -> PageShape {
    let [repetition, definition] = [0, 1].map(|kind| {
        let levels: Vec<u32> = values.iter().map(|levels| levels[kind]).collect();
        (most[kind] > 0).then(|| stored(&levels, most[kind], random))
    });
    PageShape::new(repetition.as_deref(), definition.as_deref(), most, values.len() as u64)
}

enum Step {
    Page(PageShape, bool),
    Skip(u64),
}

/// A column in pages, of which some are skipped; `true` marks rows that are read.
fn steps(rows: &[Row], most: [i16; 2], skips: bool, random: &mut Random) -> (Vec<Step>, Vec<bool>) {
    let (mut steps, mut read, mut at) = (Vec::new(), Vec::new(), 0);
    while at < rows.len() {
        let count = (1 + random.below(200) as usize).min(rows.len() - at);
        let values: Vec<[u32; 2]> = rows[at..at + count].concat();
        let is_skipped = skips && random.below(3) == 0;
        read.extend(std::iter::repeat_n(!is_skipped, count));
        at += count;
        if is_skipped {
            steps.push(Step::Skip(count as u64));
        } else if random.below(2) == 0 {
            steps.push(Step::Page(page(&values, most, random), random.below(2) == 0));
        } else {
            // Rows that go on in the next page.
            let (first, second) = values.split_at(random.below(values.len() as u64 + 1) as usize);
            steps.push(Step::Page(page(first, most, random), false));
            steps.push(Step::Page(page(second, most, random), true));
        }
    }
    (steps, read)
}

/// Gives both columns' pages, by turns of some length.
fn compared(pair: &mut ShapePair, sides: [Vec<Step>; 2], random: &mut Random) -> Result<(), Mismatch> {
    let mut sides = sides.map(Vec::into_iter);
    while sides.iter().any(|side| side.len() > 0) {
        let side = random.below(2) as usize;
        for step in sides[side].by_ref().take(1 + random.below(3) as usize) {
            match step {
                Step::Page(page, is_whole) => pair.take(side, page, is_whole),
                Step::Skip(rows) => pair.skip(side, rows),
            }
            pair.compare()?;
        }
    }
    [0, 1].into_iter().try_for_each(|side| {
        pair.end(side);
        pair.compare()
    })
}

/// The row as another column might contradict it.
fn changed(row: &mut Row, shared: SharedLevels, random: &mut Random) {
    let [repetition, definition] = shared.map(|level| level as u32);
    let at = random.below(row.len() as u64) as usize;
    match random.below(3) {
        0 if repetition > 0 => row.insert(at + 1, [1 + random.below(repetition.into()) as u32, definition]),
        1 if row.len() > 1 => {
            row.pop();
        }
        _ => row[at][1] = if row[at][1] == definition { definition - 1 } else { row[at][1] + 1 },
    }
}

#[test]
fn columns_are_compared_however_their_pages_end_and_are_stored_and_skipped() {
    let mut found = 0;
    for seed in 0..1200 {
        let random = &mut Random(seed);
        let (shared, columns) = GROUPS[seed as usize % GROUPS.len()];
        let most = [(); 2].map(|()| columns[random.below(columns.len() as u64) as usize]);
        let rows = group(shared, 1 + random.below(600) as usize, random);
        let skips = random.below(2) == 0;
        let columns = most.map(|most| column(&rows, shared, most, random));
        let mut pair = ShapePair::new(shared, most);
        let sides = [0, 1].map(|side| steps(&columns[side], most[side], skips, random).0);
        assert_eq!(compared(&mut pair, sides, random), Ok(()), "seed {seed}");
        assert_eq!(pair.bytes(), 0, "seed {seed}");

        let mut contradicting = rows.clone();
        let row = random.below(rows.len() as u64) as usize;
        changed(&mut contradicting[row], shared, random);
        let columns =
            [(&rows, most[0]), (&contradicting, most[1])].map(|(rows, most)| column(rows, shared, most, random));
        let [left, right] = [0, 1].map(|side| steps(&columns[side], most[side], skips, random));
        let is_read = left.1[row] && right.1[row];
        let compared = compared(&mut ShapePair::new(shared, most), [left.0, right.0], random);
        let expected = if is_read { Err(Mismatch { row: row as u64 }) } else { Ok(()) };
        assert_eq!(compared, expected, "seed {seed}");
        found += usize::from(is_read);
    }
    assert!(found > 400, "{found}");
}
