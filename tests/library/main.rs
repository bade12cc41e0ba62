//! The library as a program calls it: everything runs in process, and most of it without a socket.
//!
//! One binary, so that it is built and linked once.

#[cfg(feature = "cli")]
#[path = "../support/command.rs"]
mod command;
#[path = "../support/conformity.rs"]
mod conformity;
#[path = "../laws/mod.rs"]
mod laws;
#[path = "../support/replay.rs"]
mod replay;
#[path = "../support/shelf.rs"]
mod shelf;
#[path = "../support/tested.rs"]
mod tested;

mod agreement;
mod answers;
mod bad_contracts;
mod caller;
mod carriers;
mod causes;
mod collections;
mod conformance;
mod containers;
mod contract_facts;
mod creations;
mod curl;
mod damaged;
mod discriminators;
mod documented;
mod documents;
mod early;
mod editions;
mod elements;
mod faults;
mod forms;
mod golden;
mod gone;
mod ids;
mod inheritance;
mod layers;
mod legal_values;
mod maps;
mod mock;
mod names;
mod odd_names;
mod open;
mod optional;
mod outages;
mod parameter_rules;
mod parts;
mod parts_and_wholes;
mod patterns;
mod properties;
mod reasons;
mod regressions;
mod repeats;
mod respelled;
mod search;
mod security;
mod seeds;
mod selection;
mod sets;
mod settled;
mod shards;
mod shop;
mod silence;
mod standards;
mod together;
mod unions;
mod unprobed;
mod unread;
mod unusual_contracts;
mod waivers;
mod wavering;
mod whole_bodies;
mod words;
