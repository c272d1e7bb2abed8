//! The pickle machine: a stack, marks and a memo, one opcode after the other. It never recurs.
//!
//! Opcodes: <https://github.com/python/cpython/blob/main/Lib/pickletools.py>.

use std::collections::HashMap;

use super::arena::{Arena, Object, Place};
use super::names::{self, Name, SHAPE};
use super::scalar::{self, SHORT};
use crate::malformed::Malformed;
use crate::records::input::Input;
use crate::value::Value;

const EMPTY: Malformed = Malformed("the pickle takes what is not there");
/// The most entries of the memo, and of the stack.
const MAX_ENTRIES: usize = 1_000_000;

/// Runs a pickle to its STOP; the objects, and which of them is the result. What follows STOP is ignored, as in Python.
pub(super) fn run(stored: &[u8]) -> Result<(Arena, Place), Malformed> {
    let mut machine = Machine {
        input: Input::new(stored),
        arena: Arena::new(stored.len()),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        match machine.input.byte().ok_or(SHORT)? {
            b'.' => return machine.stop(),
            opcode => machine.step(opcode)?,
        }
    }
}

struct Machine<'a> {
    input: Input<'a>,
    arena: Arena,
    stack: Vec<Place>,
    /// Where in the stack the marks lie.
    marks: Vec<usize>,
    memo: HashMap<u64, Place>,
}

impl Machine<'_> {
    fn step(&mut self, opcode: u8) -> Result<(), Malformed> {
        if let Some(value) = scalar::read(opcode, &mut self.input)? {
            return self.push(Object::Data(value));
        }
        match opcode {
            0x80 | 0x95 => self.frame(opcode),
            b'(' | b'0' | b'1' | b'2' => self.shuffle(opcode),
            b'p' | b'q' | b'r' | 0x94 | b'g' | b'h' | b'j' => self.remember(opcode),
            b']' | b')' | b'}' | 0x8f => self.begin(opcode),
            b'l' | b't' | b'd' | 0x85..=0x87 | 0x91 => self.collect(opcode),
            b'a' | b'e' | b's' | b'u' | 0x90 => self.extend(opcode),
            b'c' | 0x93 => self.name(opcode),
            b'R' | b'b' | 0x81 => self.make(opcode),
            b'i' | b'o' | 0x92 | b'P' | b'Q' => Err(Malformed("the pickle calls for code")),
            // Extension codes and buffers are among them.
            _ => Err(Malformed("the pickle holds an opcode that no data needs")),
        }
    }

    /// The result. What lies below it is nobody's, but must be data too.
    fn stop(mut self) -> Result<(Arena, Place), Malformed> {
        let top = self.pop()?;
        let is_name = |place: &Place| matches!(self.arena.at(*place), Object::Name(_));
        if !self.marks.is_empty() || self.stack.iter().any(is_name) {
            return Err(Malformed("the pickle leaves behind what is no data"));
        }
        Ok((self.arena, top))
    }

    fn frame(&mut self, opcode: u8) -> Result<(), Malformed> {
        if opcode == 0x80 {
            return match self.input.byte().ok_or(SHORT)? {
                0..=5 => Ok(()),
                _ => Err(Malformed("the pickle is of an unknown protocol")),
            };
        }
        let length = scalar::number(&mut self.input, 8)?;
        match usize::try_from(length).is_ok_and(|length| length <= self.input.len()) {
            true => Ok(()),
            false => Err(SHORT),
        }
    }

    fn shuffle(&mut self, opcode: u8) -> Result<(), Malformed> {
        match opcode {
            b'(' if self.marks.len() < MAX_ENTRIES => self.marks.push(self.stack.len()),
            b'1' => drop(self.pop_mark()?),
            b'2' => {
                let top = self.peek()?;
                self.push_place(top)?;
            }
            // POP takes a mark where nothing lies on it.
            b'0' if self.marks.last() == Some(&self.stack.len()) => drop(self.marks.pop()),
            b'0' => drop(self.pop()?),
            _ => return Err(Malformed("the pickle grows out of bounds")),
        }
        Ok(())
    }

    fn remember(&mut self, opcode: u8) -> Result<(), Malformed> {
        let place = match opcode {
            b'p' | b'g' => scalar::index_line(&mut self.input)?,
            b'q' | b'h' => scalar::number(&mut self.input, 1)?,
            b'r' | b'j' => scalar::number(&mut self.input, 4)?,
            _ => u64::try_from(self.memo.len()).map_err(|_| EMPTY)?,
        };
        if matches!(opcode, b'g' | b'h' | b'j') {
            let object = *self.memo.get(&place).ok_or(EMPTY)?;
            return self.push_place(object);
        }
        if self.memo.len() == MAX_ENTRIES {
            return Err(Malformed("the pickle grows out of bounds"));
        }
        let object = self.peek()?;
        self.memo.insert(place, object);
        Ok(())
    }

    fn begin(&mut self, opcode: u8) -> Result<(), Malformed> {
        self.push(match opcode {
            b']' => Object::List(Vec::new()),
            b')' => Object::Tuple(Vec::new()),
            b'}' => Object::Dict(Vec::new()),
            _ => Object::Set(Vec::new()),
        })
    }

    /// Containers that are made of what lies on the stack.
    fn collect(&mut self, opcode: u8) -> Result<(), Malformed> {
        let object = match opcode {
            b'l' => Object::List(self.pop_mark()?),
            b't' => Object::Tuple(self.pop_mark()?),
            b'd' => Object::Dict(paired(&self.pop_mark()?)?),
            0x91 => Object::FrozenSet(self.pop_mark()?),
            _ => Object::Tuple(self.pop_some(usize::from(opcode - 0x84))?),
        };
        self.push(object)
    }

    fn extend(&mut self, opcode: u8) -> Result<(), Malformed> {
        let new = match opcode {
            b'a' => self.pop_some(1)?,
            b's' => self.pop_some(2)?,
            _ => self.pop_mark()?,
        };
        let container = self.peek()?;
        match (opcode, self.arena.at_mut(container)) {
            (b'a' | b'e', Object::List(items)) | (0x90, Object::Set(items)) => items.extend(new),
            (b's' | b'u', Object::Dict(pairs)) => pairs.extend(paired(&new)?),
            _ => return Err(Malformed("the pickle adds to what takes nothing")),
        }
        Ok(())
    }

    fn name(&mut self, opcode: u8) -> Result<(), Malformed> {
        let name = if opcode == b'c' {
            let module = scalar::line(&mut self.input)?;
            Name::find(module, scalar::line(&mut self.input)?)?
        } else {
            let both = self.pop_some(2)?;
            let [Object::Data(Value::Str(module)), Object::Data(Value::Str(name))] =
                [both[0], both[1]].map(|place| self.arena.at(place))
            else {
                return Err(SHAPE);
            };
            Name::find(module.as_bytes(), name.as_bytes())?
        };
        self.push(Object::Name(name))
    }

    /// What a name makes of its arguments, or a state of what waits for it.
    fn make(&mut self, opcode: u8) -> Result<(), Malformed> {
        let (argument, subject) = (self.pop()?, self.pop()?);
        let object = match (opcode, self.arena.at(subject), self.arena.at(argument)) {
            (b'R', Object::Name(name), Object::Tuple(arguments)) => names::reduce(&self.arena, *name, arguments)?,
            (0x81, class, arguments) => names::new(class, arguments)?,
            (b'b', waiting, state) => {
                // In place: the memo knows it already.
                let built = names::build(&self.arena, waiting, state)?;
                *self.arena.at_mut(subject) = built;
                return self.push_place(subject);
            }
            _ => return Err(SHAPE),
        };
        self.push(object)
    }

    fn push(&mut self, object: Object) -> Result<(), Malformed> {
        let place = self.arena.add(object)?;
        self.push_place(place)
    }

    fn push_place(&mut self, place: Place) -> Result<(), Malformed> {
        if self.stack.len() == MAX_ENTRIES {
            return Err(Malformed("the pickle grows out of bounds"));
        }
        self.stack.push(place);
        Ok(())
    }

    /// How much of the stack lies above the last mark.
    fn reachable(&self) -> usize {
        self.stack.len() - self.marks.last().copied().unwrap_or_default()
    }

    fn peek(&self) -> Result<Place, Malformed> {
        self.stack.last().copied().filter(|_| self.reachable() > 0).ok_or(EMPTY)
    }

    fn pop(&mut self) -> Result<Place, Malformed> {
        let top = self.peek()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_some(&mut self, count: usize) -> Result<Vec<Place>, Malformed> {
        match self.reachable() >= count {
            true => Ok(self.stack.split_off(self.stack.len() - count)),
            false => Err(EMPTY),
        }
    }

    fn pop_mark(&mut self) -> Result<Vec<Place>, Malformed> {
        let mark = self.marks.pop().ok_or(EMPTY)?;
        Ok(self.stack.split_off(mark))
    }
}

fn paired(places: &[Place]) -> Result<Vec<(Place, Place)>, Malformed> {
    let (pairs, rest) = places.as_chunks::<2>();
    match rest {
        [] => Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect()),
        _ => Err(Malformed("the pickle holds a key without a value")),
    }
}
