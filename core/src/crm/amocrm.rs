//! amoCRM / Kommo (contracts/crm/amocrm.md).
