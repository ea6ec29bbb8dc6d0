//! The shelf: files that were opened, kept by the browser for this page alone, so that a reload loses nothing. Nothing is
//! sent anywhere. A browser that keeps nothing (a private window, a full disk) is no reason to complain: then the files
//! are there until the page is left.

use idb::{Database, DatabaseEvent as _, Error, Factory, ObjectStoreParams, TransactionMode};
use js_sys::{Array, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::page::session::subject::FileKey;

/// The database, and the store in it.
const NAME: &str = "sagascope-shelf";
const FILES: &str = "files";

/// The files that were opened since the page was loaded, whether the browser keeps them or not.
#[derive(Clone, Copy)]
pub struct Shelf(StoredValue<Vec<(FileKey, web_sys::Blob)>, LocalStorage>);

impl Default for Shelf {
    fn default() -> Self {
        Self(StoredValue::new_local(Vec::new()))
    }
}

impl Shelf {
    /// Puts a file there. Returns whether the browser keeps it.
    pub async fn put(self, key: FileKey, file: web_sys::Blob) -> bool {
        self.0.update_value(|all| {
            all.retain(|(known, _)| known.id != key.id);
            all.push((key.clone(), file.clone()));
        });
        let entry = Array::of2(&key.name.clone().into(), &file);
        keep(&key.id, &entry).await.is_ok()
    }

    /// The file of that key, if it is there.
    pub async fn get(self, key: &FileKey) -> Option<web_sys::Blob> {
        let here = |all: &Vec<(FileKey, web_sys::Blob)>| {
            all.iter()
                .find(|(known, _)| known.id == key.id)
                .map(|(_, file)| file.clone())
        };
        if let Some(file) = self.0.with_value(here) {
            return Some(file);
        }
        let entry = kept(&key.id).await.ok()??;
        Reflect::get_u32(&entry, 1).ok()?.dyn_into().ok()
    }

    /// The keys of all files that are there, by name.
    pub async fn all(self) -> Vec<FileKey> {
        let mut keys: Vec<FileKey> = self
            .0
            .with_value(|all| all.iter().map(|(key, _)| key.clone()).collect());
        for key in all_kept().await.unwrap_or_default() {
            if !keys.iter().any(|known| known.id == key.id) {
                keys.push(key);
            }
        }
        keys.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        keys
    }

    /// Takes all of them away.
    pub async fn clear(self) {
        self.0.update_value(Vec::clear);
        // What cannot be opened holds nothing either.
        clear_kept().await.ok();
    }
}

async fn database() -> Result<Database, Error> {
    let mut request = Factory::new()?.open(NAME, Some(1))?;
    request.on_upgrade_needed(|event| {
        if let Ok(database) = event.database() {
            database.create_object_store(FILES, ObjectStoreParams::new()).ok();
        }
    });
    request.await
}

async fn keep(id: &str, entry: &JsValue) -> Result<(), Error> {
    let database = database().await?;
    let transaction = database.transaction(&[FILES], TransactionMode::ReadWrite)?;
    transaction.object_store(FILES)?.put(entry, Some(&id.into()))?.await?;
    transaction.commit()?.await?;
    Ok(())
}

async fn kept(id: &str) -> Result<Option<JsValue>, Error> {
    let database = database().await?;
    let transaction = database.transaction(&[FILES], TransactionMode::ReadOnly)?;
    transaction.object_store(FILES)?.get(JsValue::from(id))?.await
}

async fn all_kept() -> Result<Vec<FileKey>, Error> {
    let database = database().await?;
    let transaction = database.transaction(&[FILES], TransactionMode::ReadOnly)?;
    let store = transaction.object_store(FILES)?;
    let ids = store.get_all_keys(None, None)?.await?;
    let mut keys = Vec::new();
    for id in ids {
        let entry = store.get(id.clone())?.await?;
        let name = entry.and_then(|entry| Reflect::get_u32(&entry, 0).ok()?.as_string());
        keys.extend(id.as_string().zip(name).map(|(id, name)| FileKey { id, name }));
    }
    Ok(keys)
}

async fn clear_kept() -> Result<(), Error> {
    let database = database().await?;
    let transaction = database.transaction(&[FILES], TransactionMode::ReadWrite)?;
    transaction.object_store(FILES)?.clear()?.await?;
    transaction.commit()?.await?;
    Ok(())
}
