//! Where values are written to: an array of their own, or a batch's column, which may show them in a wider type.

/// Where values go, one after the other.
pub(in crate::column_reader) trait Places<T> {
    /// What a value becomes.
    type Shown: Copy + Default;

    fn shown(value: T) -> Self::Shown;

    /// The places of the next values, with anything in them.
    fn next(&mut self, count: usize) -> &mut [Self::Shown];

    /// Appends values.
    fn put(&mut self, values: impl ExactSizeIterator<Item = T>);
}

impl<T: Copy + Default> Places<T> for Vec<T> {
    type Shown = T;

    fn shown(value: T) -> T {
        value
    }

    fn next(&mut self, count: usize) -> &mut [T] {
        let start = self.len();
        self.resize(start + count, T::default());
        &mut self[start..]
    }

    fn put(&mut self, values: impl ExactSizeIterator<Item = T>) {
        self.extend(values);
    }
}

/// Room of a batch's column that is not written yet.
pub(super) struct Room<'room, S>(pub(super) &'room mut [S]);

impl<T: Into<S>, S: Copy + Default> Places<T> for Room<'_, S> {
    type Shown = S;

    fn shown(value: T) -> S {
        value.into()
    }

    fn next(&mut self, count: usize) -> &mut [S] {
        let (next, left) = std::mem::take(&mut self.0).split_at_mut(count);
        self.0 = left;
        next
    }

    fn put(&mut self, values: impl ExactSizeIterator<Item = T>) {
        let places = Places::<T>::next(self, values.len());
        places.iter_mut().zip(values).for_each(|(place, value)| *place = value.into());
    }
}
