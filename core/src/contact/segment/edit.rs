//! Building a filter by buttons: conditions are added, turned round and taken away, and the form
//! stays canonical.

use super::{Cond, Expr, Filter};

/// How a condition joins what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Join {
    /// Both must hold.
    And,
    /// Either may hold.
    Or,
}

impl Expr {
    /// All of `parts`; one part is itself, none is everybody.
    #[must_use]
    pub fn and(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// Any of `parts`; one part is itself, none is nobody.
    #[must_use]
    pub fn or(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// The opposite; twice is the thing itself.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    fn walk<'a>(&'a self, out: &mut Vec<&'a Cond>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.walk(out)),
            Self::Not(inner) => inner.walk(out),
            Self::Cond(cond) => out.push(cond),
        }
    }

    /// Changes the `k`-th condition from the left (counted down in place); what is left of the
    /// expression.
    fn change(self, k: &mut usize, change: &dyn Fn(Cond) -> Option<Self>) -> Option<Self> {
        match self {
            Self::Cond(cond) => {
                if *k == 0 {
                    *k = usize::MAX;
                    change(cond)
                } else {
                    // Past the one that was changed the counter only has to stay away from zero.
                    *k = k.saturating_sub(usize::from(*k != usize::MAX));
                    Some(Self::Cond(cond))
                }
            }
            Self::Not(inner) => inner.change(k, change).map(Self::negate),
            Self::And(parts) => {
                let parts: Vec<Self> = parts.into_iter().filter_map(|part| part.change(k, change)).collect();
                (!parts.is_empty()).then(|| Self::and(parts))
            }
            Self::Or(parts) => {
                let parts: Vec<Self> = parts.into_iter().filter_map(|part| part.change(k, change)).collect();
                (!parts.is_empty()).then(|| Self::or(parts))
            }
        }
    }
}

impl Filter {
    /// The conditions from left to right.
    #[must_use]
    pub fn conditions(&self) -> Vec<&Cond> {
        let mut out = Vec::new();
        if let Some(root) = &self.root {
            root.walk(&mut out);
        }
        out
    }

    /// Adds a condition; to everybody, it becomes the filter.
    pub fn add(&mut self, join: Join, cond: Cond) {
        self.join(join, Expr::Cond(cond));
    }

    /// Joins another expression.
    pub fn join(&mut self, join: Join, expr: Expr) {
        self.root = Some(match (self.root.take(), join) {
            (None, _) => expr,
            (Some(root), Join::And) => Expr::and(vec![root, expr]),
            (Some(root), Join::Or) => Expr::or(vec![root, expr]),
        });
    }

    /// Turns the whole filter round; everybody stays everybody.
    pub fn negate(&mut self) {
        self.root = self.root.take().map(Expr::negate);
    }

    /// Takes the `k`-th condition away (from 0, from left to right); whether there was one. Without
    /// its last it is everybody.
    pub fn remove(&mut self, k: usize) -> bool {
        self.change(k, &|_| None)
    }

    /// Turns the `k`-th condition round.
    pub fn negate_one(&mut self, k: usize) -> bool {
        self.change(k, &|cond| Some(Expr::Cond(cond).negate()))
    }

    fn change(&mut self, k: usize, change: &dyn Fn(Cond) -> Option<Expr>) -> bool {
        if k >= self.conditions().len() {
            return false;
        }
        let mut left = k;
        self.root = self.root.take().and_then(|root| root.change(&mut left, change));
        true
    }
}
