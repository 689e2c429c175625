//! The rows of one file of an export, column by column, and the Parquet that they become.

use std::sync::Arc;

use bytes::Bytes;
use parquet::{
    basic::{Repetition, Type as Physical},
    data_type::{
        BoolType, ByteArray, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
        Int64Type,
    },
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{Type, TypePtr},
};
use tiers_contact::Kind;

use crate::{
    crypto::{
        chain::{VAULT_TOKEN_LEN, VaultToken},
        export_key::ExportTokens,
    },
    vault::{Batch, Traits, Values, VaultError},
};

/// The rows of one file, column by column, in the order of the table's columns.
pub(super) struct Rows {
    kinds: Vec<i32>,
    tokens: Vec<u8>,
    more: More,
}

/// The columns behind kind and token.
enum More {
    Sales(Box<SaleColumns>),
    Leads { days: Vec<i32>, campaigns: Vec<i32> },
    LeftOut,
}

#[derive(Default)]
struct SaleColumns {
    deposits: Vec<i32>,
    ordinals: Vec<i32>,
    owners: Vec<bool>,
    days: Vec<i32>,
    amounts: Vec<i64>,
    partners: Vec<i32>,
    models: Vec<i32>,
    areas: Vec<i32>,
}

impl Rows {
    pub fn sales() -> Self {
        Self { kinds: Vec::new(), tokens: Vec::new(), more: More::Sales(Box::default()) }
    }

    pub const fn leads() -> Self {
        let more = More::Leads { days: Vec::new(), campaigns: Vec::new() };
        Self { kinds: Vec::new(), tokens: Vec::new(), more }
    }

    pub const fn left_out() -> Self {
        Self { kinds: Vec::new(), tokens: Vec::new(), more: More::LeftOut }
    }

    pub const fn len(&self) -> usize {
        self.kinds.len()
    }

    pub fn token(&mut self, tokens: &ExportTokens, kind: Kind, token: &VaultToken) {
        self.kinds.push(i32::try_from(kind.index()).expect("there are 13 kinds"));
        self.tokens.extend_from_slice(&tokens.token(kind, token));
    }

    pub fn sale(
        &mut self,
        tokens: &ExportTokens,
        kind: Kind,
        batch: &Batch,
        at: usize,
        (deposit, partner): (i32, u16),
    ) -> Result<(), VaultError> {
        let (More::Sales(columns), Values::Sales(amounts)) = (&mut self.more, &batch.values) else {
            return Err(VaultError::MixedRows);
        };
        let found = batch.tokens.get(at).zip(batch.rows.get(at)).zip(batch.firsts.get(at));
        let found = found.zip(batch.days.get(at)).zip(amounts.get(at));
        let ((((token, row), first), day), sale) = found.ok_or(VaultError::MixedRows)?;
        let (cents, traits) = Traits::unpack(*sale);
        let code = |place: Option<u8>| place.map_or(0, |place| i32::from(place) + 1);
        columns.deposits.push(deposit);
        columns.ordinals.push(i32::try_from(*row).map_err(|_| VaultError::TooManyRows)?);
        columns.owners.push(*first);
        columns.days.push(day.epoch_days());
        columns.amounts.push(i64::try_from(cents).map_err(|_| VaultError::AmountTooLarge)?);
        columns.partners.push(partner.into());
        columns.models.push(code(traits.model()));
        columns.areas.push(code(traits.area()));
        self.token(tokens, kind, token);
        Ok(())
    }

    pub fn lead(
        &mut self,
        tokens: &ExportTokens,
        kind: Kind,
        batch: &Batch,
        at: usize,
    ) -> Result<(), VaultError> {
        let More::Leads { days, campaigns } = &mut self.more else {
            return Err(VaultError::MixedRows);
        };
        let Values::Leads(of) = &batch.values else { return Err(VaultError::MixedRows) };
        let found = batch.tokens.get(at).zip(batch.days.get(at)).zip(of.get(at));
        let ((token, day), campaign) = found.ok_or(VaultError::MixedRows)?;
        days.push(day.epoch_days());
        campaigns.push((*campaign).into());
        self.token(tokens, kind, token);
        Ok(())
    }

    pub fn clear(&mut self) {
        self.kinds.clear();
        self.tokens.clear();
        match &mut self.more {
            More::Sales(columns) => **columns = SaleColumns::default(),
            More::Leads { days, campaigns } => {
                days.clear();
                campaigns.clear();
            }
            More::LeftOut => {}
        }
    }

    /// The columns behind kind and token, with their names.
    fn columns(&self) -> Vec<(&'static str, Column<'_>)> {
        match &self.more {
            More::Sales(of) => vec![
                ("deposit", Column::Ints(&of.deposits)),
                ("ordinal", Column::Ints(&of.ordinals)),
                ("owner", Column::Flags(&of.owners)),
                ("dated", Column::Ints(&of.days)),
                ("amount", Column::Longs(&of.amounts)),
                ("partner", Column::Ints(&of.partners)),
                ("model", Column::Ints(&of.models)),
                ("area", Column::Ints(&of.areas)),
            ],
            More::Leads { days, campaigns } => {
                vec![("dated", Column::Ints(days)), ("campaign", Column::Ints(campaigns))]
            }
            More::LeftOut => Vec::new(),
        }
    }

    pub fn write(&self, properties: WriterProperties) -> Result<Vec<u8>, ParquetError> {
        let head = [("kind", Column::Ints(&self.kinds)), ("token", Column::Tokens(&self.tokens))];
        let columns: Vec<_> = head.into_iter().chain(self.columns()).collect();
        let fields = columns.iter().map(|(name, column)| column.field(name));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder("export").with_fields(fields).build()?;
        let mut writer =
            SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
        if self.len() > 0 {
            let mut group = writer.next_row_group()?;
            columns.iter().try_for_each(|(_, column)| column.write(&mut group))?;
            group.close()?;
        }
        writer.into_inner()
    }
}

/// One column of a file.
enum Column<'a> {
    Tokens(&'a [u8]),
    Ints(&'a [i32]),
    Longs(&'a [i64]),
    Flags(&'a [bool]),
}

impl Column<'_> {
    fn field(&self, name: &str) -> Result<TypePtr, ParquetError> {
        let (physical, length) = match self {
            Self::Tokens(_) => (Physical::FIXED_LEN_BYTE_ARRAY, 16),
            Self::Ints(_) => (Physical::INT32, -1),
            Self::Longs(_) => (Physical::INT64, -1),
            Self::Flags(_) => (Physical::BOOLEAN, -1),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::REQUIRED)
            .with_length(length);
        field.build().map(Arc::new)
    }

    fn write(&self, group: &mut RowGroup<'_>) -> Result<(), ParquetError> {
        match self {
            Self::Ints(values) => column::<Int32Type>(group, values),
            Self::Longs(values) => column::<Int64Type>(group, values),
            Self::Flags(values) => column::<BoolType>(group, values),
            Self::Tokens(tokens) => {
                // Each value is a view of one copy.
                let shared = Bytes::copy_from_slice(tokens);
                let view = |from: usize| shared.slice(from..from + VAULT_TOKEN_LEN);
                let starts = (0..tokens.len()).step_by(VAULT_TOKEN_LEN);
                let values: Vec<_> = starts
                    .map(|from| FixedLenByteArray::from(ByteArray::from(view(from))))
                    .collect();
                column::<FixedLenByteArrayType>(group, &values)
            }
        }
    }
}

type RowGroup<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn column<T: DataType>(group: &mut RowGroup<'_>, values: &[T::T]) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the table has more columns".to_owned()));
    };
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}
