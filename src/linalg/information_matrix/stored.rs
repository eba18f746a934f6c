//! Serialisation and deserialisation of information matrices.

use hybrid_array::{Array, ArraySize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::base::serde_array::Finite;
use crate::linalg::information_matrix::InformationMatrix;

impl<P: ArraySize, T: Real> Finite for InformationMatrix<P, T> {
    fn is_finite(&self) -> bool {
        InformationMatrix::is_finite(self)
    }
}

impl<P: ArraySize, T: Real + Serialize> Serialize for InformationMatrix<P, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = |k: usize| tabulate::<P, T>(T::zero(), |l| self.get(k, l));
        Array::<_, P>::from_fn(row).serialize(serializer)
    }
}

impl<'de, P: ArraySize, T: Real + Deserialize<'de>> Deserialize<'de> for InformationMatrix<P, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Array::<Array<T, P>, P>::deserialize(deserializer)?;
        Ok(Self::from_fn(|k, l| rows[k][l]))
    }
}
