//! VKScript, as far as clients of messages use it: values, variables, calls of the API, `return`.
//!
//! A script is compiled before anything of it is carried out: error 12 changes nothing.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::error::{VkError, VkResult};

/// Calls of the API in one script.
pub(crate) const MOST_CALLS: usize = 25;

/// A part of a script.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Value(Value),
    List(Vec<Expression>),
    Object(Vec<(String, Expression)>),
    Variable(String),
    /// `API.messages.send({…})`.
    Call(String, Box<Expression>),
    /// `a.b` and `a[0]`.
    Part(Box<Expression>, Box<Expression>),
    /// `a + b`.
    Sum(Box<Expression>, Box<Expression>),
}

/// `var x = …;` or `return …;`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    Let(String, Expression),
    /// Something done for its effect.
    Do(Expression),
    Return(Expression),
}

/// Whoever carries out the calls of a script. A refusal makes the call's value `false`.
pub(crate) trait Calls {
    fn call(&mut self, method: &str, arguments: &Map<String, Value>) -> Value;
}

/// Carries out a script.
pub(crate) fn run(script: &[Statement], calls: &mut impl Calls) -> VkResult {
    let mut variables = HashMap::new();
    for statement in script {
        match statement {
            Statement::Let(name, expression) => {
                let value = evaluate(expression, &variables, calls)?;
                variables.insert(name.clone(), value);
            }
            Statement::Do(expression) => {
                evaluate(expression, &variables, calls)?;
            }
            Statement::Return(expression) => return evaluate(expression, &variables, calls),
        }
    }
    Ok(Value::Null)
}

fn evaluate(expression: &Expression, variables: &HashMap<String, Value>, calls: &mut impl Calls) -> VkResult {
    Ok(match expression {
        Expression::Value(value) => value.clone(),
        Expression::List(items) => json!(items.iter().map(|item| evaluate(item, variables, calls)).collect::<VkResult<Vec<_>>>()?),
        Expression::Object(fields) => {
            let mut object = Map::new();
            for (name, field) in fields {
                object.insert(name.clone(), evaluate(field, variables, calls)?);
            }
            Value::Object(object)
        }
        Expression::Variable(name) => variables.get(name).cloned().unwrap_or_default(),
        Expression::Call(method, argument) => {
            let argument = evaluate(argument, variables, calls)?;
            let none = Map::new();
            calls.call(method, argument.as_object().unwrap_or(&none))
        }
        Expression::Part(of, at) => {
            let (of, at) = (evaluate(of, variables, calls)?, evaluate(at, variables, calls)?);
            match (&of, &at) {
                (Value::Array(list), Value::Number(at)) => {
                    at.as_u64().and_then(|at| list.get(usize::try_from(at).ok()?)).cloned().unwrap_or_default()
                }
                // Of each element, as `@.` does.
                (Value::Object(object), Value::String(name)) => object.get(name).cloned().unwrap_or_default(),
                _ => Value::Null,
            }
        }
        Expression::Sum(one, other) => {
            let (one, other) = (evaluate(one, variables, calls)?, evaluate(other, variables, calls)?);
            match (one.as_i64(), other.as_i64()) {
                (Some(one), Some(other)) => json!(one.wrapping_add(other)),
                _ => {
                    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    json!(text(&one) + &text(&other))
                }
            }
        }
    })
}

/// The methods a script calls, as often as it has them.
pub(crate) fn methods(script: &[Statement]) -> Vec<(&str, &Expression)> {
    fn of<'a>(expression: &'a Expression, found: &mut Vec<(&'a str, &'a Expression)>) {
        match expression {
            Expression::Value(_) | Expression::Variable(_) => {}
            Expression::List(items) => items.iter().for_each(|item| of(item, found)),
            Expression::Object(fields) => fields.iter().for_each(|(_, field)| of(field, found)),
            Expression::Call(method, argument) => {
                of(argument, found);
                found.push((method, argument));
            }
            Expression::Part(one, other) | Expression::Sum(one, other) => {
                of(one, found);
                of(other, found);
            }
        }
    }
    let mut found = Vec::new();
    for statement in script {
        match statement {
            Statement::Let(_, expression) | Statement::Do(expression) | Statement::Return(expression) => of(expression, &mut found),
        }
    }
    found
}

/// A literal argument, for whoever asks before the script runs whom a call is about.
pub(crate) fn literal<'a>(argument: &'a Expression, name: &str) -> Option<&'a Value> {
    let Expression::Object(fields) = argument else { return None };
    let (_, value) = fields.iter().find(|(field, _)| field == name)?;
    if let Expression::Value(value) = value { Some(value) } else { None }
}

/// Compiles a script, or error 12.
pub(crate) fn compile(code: &str) -> VkResult<Vec<Statement>> {
    let mut reader = Reader { rest: code };
    let mut script = Vec::new();
    while !reader.at_end() {
        if reader.takes(";") {
            continue;
        }
        let statement = if reader.takes_word("return") {
            let nothing = reader.peeks(";") || reader.at_end();
            Statement::Return(if nothing { Expression::Value(Value::Null) } else { reader.expression()? })
        } else if reader.takes_word("var") {
            let name = reader.name()?;
            reader.expects("=")?;
            Statement::Let(name, reader.expression()?)
        } else {
            Statement::Do(reader.expression()?)
        };
        script.push(statement);
        if !reader.at_end() {
            reader.expects(";")?;
        }
    }
    if methods(&script).len() > MOST_CALLS {
        return Err(VkError::with(13, "too many API calls"));
    }
    Ok(script)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn at_end(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty()
    }

    fn peeks(&mut self, mark: &str) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.starts_with(mark)
    }

    fn takes(&mut self, mark: &str) -> bool {
        let found = self.peeks(mark);
        if found {
            self.rest = &self.rest[mark.len()..];
        }
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let next = |rest: &str| rest.chars().next().is_some_and(|next| next.is_alphanumeric() || next == '_');
        self.peeks(word) && !next(&self.rest[word.len()..]) && self.takes(word)
    }

    fn wrong(&self) -> VkError {
        VkError::with(12, format!("unexpected {:?}", self.rest.chars().take(12).collect::<String>()))
    }

    fn expects(&mut self, mark: &str) -> VkResult<()> {
        if self.takes(mark) { Ok(()) } else { Err(self.wrong()) }
    }

    fn name(&mut self) -> VkResult<String> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(self.wrong());
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn expression(&mut self) -> VkResult<Expression> {
        let mut sum = self.part()?;
        while self.takes("+") {
            sum = Expression::Sum(Box::new(sum), Box::new(self.part()?));
        }
        Ok(sum)
    }

    fn part(&mut self) -> VkResult<Expression> {
        let mut of = self.one()?;
        loop {
            if self.takes(".") {
                of = Expression::Part(Box::new(of), Box::new(Expression::Value(json!(self.name()?))));
            } else if self.takes("[") {
                let at = self.expression()?;
                self.expects("]")?;
                of = Expression::Part(Box::new(of), Box::new(at));
            } else {
                return Ok(of);
            }
        }
    }

    fn one(&mut self) -> VkResult<Expression> {
        if self.takes("[") {
            return self.listed("]", Self::expression).map(Expression::List);
        }
        if self.takes("{") {
            let field = |reader: &mut Self| {
                let name = if reader.peeks("\"") || reader.peeks("'") { reader.text()? } else { reader.name()? };
                reader.expects(":")?;
                Ok((name, reader.expression()?))
            };
            return self.listed("}", field).map(Expression::Object);
        }
        if self.takes("(") {
            let inside = self.expression()?;
            self.expects(")")?;
            return Ok(inside);
        }
        if self.peeks("\"") || self.peeks("'") {
            return self.text().map(|text| Expression::Value(json!(text)));
        }
        if self.rest.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return self.number();
        }
        let name = self.name()?;
        match name.as_str() {
            "true" => Ok(Expression::Value(json!(true))),
            "false" => Ok(Expression::Value(json!(false))),
            "null" | "undefined" => Ok(Expression::Value(Value::Null)),
            "API" => {
                self.expects(".")?;
                let mut method = self.name()?;
                while self.takes(".") {
                    method = format!("{method}.{}", self.name()?);
                }
                self.expects("(")?;
                let argument = if self.peeks(")") { Expression::Object(Vec::new()) } else { self.expression()? };
                self.expects(")")?;
                Ok(Expression::Call(method, Box::new(argument)))
            }
            _ => Ok(Expression::Variable(name)),
        }
    }

    fn listed<T>(&mut self, end: &str, mut item: impl FnMut(&mut Self) -> VkResult<T>) -> VkResult<Vec<T>> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(item(self)?);
            if !self.takes(",") && !self.peeks(end) {
                return Err(self.wrong());
            }
        }
        Ok(items)
    }

    fn number(&mut self) -> VkResult<Expression> {
        let end =
            self.rest.char_indices().skip(1).find(|(_, next)| !next.is_ascii_digit() && *next != '.').map_or(self.rest.len(), |(at, _)| at);
        let number: Value = serde_json::from_str(&self.rest[..end]).map_err(|_| self.wrong())?;
        self.rest = &self.rest[end..];
        Ok(Expression::Value(number))
    }

    fn text(&mut self) -> VkResult<String> {
        self.rest = self.rest.trim_start();
        let mut characters = self.rest.char_indices();
        let quote = characters.next().map(|(_, quote)| quote);
        let mut text = String::new();
        while let Some((at, next)) = characters.next() {
            match next {
                '\\' => {
                    let (_, escaped) = characters.next().ok_or_else(|| self.wrong())?;
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        'b' => text.push('\u{8}'),
                        'f' => text.push('\u{c}'),
                        'u' => {
                            let mut unit = || {
                                let digits: String = characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                                u16::from_str_radix(&digits, 16).map_err(|_| VkError::with(12, "unexpected \\u"))
                            };
                            let first = unit()?;
                            // The other half of a character beyond the first plane.
                            let units = if (0xd800..0xdc00).contains(&first) {
                                let marks: String = characters.by_ref().take(2).map(|(_, mark)| mark).collect();
                                if marks != "\\u" {
                                    return Err(VkError::with(12, "unexpected \\u"));
                                }
                                let digits: String = characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                                vec![first, u16::from_str_radix(&digits, 16).map_err(|_| VkError::with(12, "unexpected \\u"))?]
                            } else {
                                vec![first]
                            };
                            text.push_str(&String::from_utf16_lossy(&units));
                        }
                        other => text.push(other),
                    }
                }
                _ if Some(next) == quote => {
                    self.rest = &self.rest[at + next.len_utf8()..];
                    return Ok(text);
                }
                // A text ends on its line.
                '\n' => return Err(self.wrong()),
                other => text.push(other),
            }
        }
        Err(self.wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Echo(Vec<String>);

    impl Calls for Echo {
        fn call(&mut self, method: &str, arguments: &Map<String, Value>) -> Value {
            self.0.push(method.to_owned());
            if arguments.contains_key("fails") { json!(false) } else { json!({ "was": arguments }) }
        }
    }

    fn run(code: &str) -> VkResult {
        super::run(&compile(code)?, &mut Echo(Vec::new()))
    }

    #[test]
    fn scripts_of_clients_are_carried_out() {
        let code = r#"return [API.messages.send({"peer_id":1,"message":"Анна, \"да\"\n\ud83d\ude00"}),API.messages.send({fails:1})];"#;
        assert_eq!(run(code).unwrap(), json!([{ "was": { "peer_id": 1, "message": "Анна, \"да\"\n😀" } }, false]));
        assert_eq!(
            run("var a = API.users.get({id: 7}); return {x: a.was.id + 1, y: [1, -2.5, 'я'][2]};").unwrap(),
            json!({ "x": 8, "y": "я" })
        );
        assert_eq!(run("API.a.b(); return;").unwrap(), Value::Null);
    }

    #[test]
    fn what_cannot_be_compiled_is_not_carried_out() {
        for code in ["return [", "return {\"a\" 1};", "return \"a\nb\";", "var 1 = 2;", "return API.(1);", "return 1 2;"] {
            assert_eq!(compile(code).map_err(|error| error.code), Err(12), "{code}");
        }
        let calls = |count: usize| format!("return [{}];", vec!["API.a.b({})"; count].join(","));
        assert!(compile(&calls(25)).is_ok());
        assert_eq!(compile(&calls(26)).map_err(|error| error.code), Err(13));
    }
}
