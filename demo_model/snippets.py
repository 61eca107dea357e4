# ruff: noqa: E501 (a template reads best on one line)
"""Short Python programs."""

from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import pick, top_level_choices

SNIPPETS: list[tuple[str, str, str]] = [
    ("(prints|prints out|says|displays|shows|outputs) (hello|hello world|a greeting|Hello, world)", "print (hello|hello world)", 'print("Hello, world!")'),
    ("(adds|sums) (two numbers|numbers)", "add two numbers", "def add(a, b):\n    return a + b"),
    ("multiplies two numbers", "multiply two numbers", "def multiply(a, b):\n    return a * b"),
    ("subtracts two numbers", "subtract two numbers", "def subtract(a, b):\n    return a - b"),
    ("(computes|calculates) (the |a |)factorial( of a number|)", "compute a factorial", "def factorial(n):\n    if n <= 1:\n        return 1\n    return n * factorial(n - 1)"),
    ("(computes|calculates|prints) (the |)Fibonacci numbers", "print Fibonacci numbers", "a, b = 0, 1\nfor _ in range(10):\n    print(a)\n    a, b = b, a + b"),
    ("(reverses|turns round) a (string|word|text)", "reverse a (string|word|text)", "def reverse(text):\n    return text[::-1]"),
    ("(checks|tests|tells) (if|whether) a number is even", "(check|test) (if|whether) a number is even", "def is_even(number):\n    return number % 2 == 0"),
    ("(finds|returns|gets) the (largest|biggest|maximum) (number|value)( in a list|)", "find the (largest|biggest) number", "def largest(numbers):\n    return max(numbers)"),
    ("sorts a list( of numbers|)", "sort a list( of numbers|)", "numbers = [3, 1, 2]\nnumbers.sort()\nprint(numbers)"),
    ("(reads|opens|prints) a (text |)file", "(read|open) a (text |)file", 'with open("file.txt") as file:\n    print(file.read())'),
    ("(writes|saves) (text |)to a file", "write (text |)to a file", 'with open("file.txt", "w") as file:\n    file.write("Hello!")'),
    ("counts the (letters|characters|words) (in|of) a (word|string|text)", "count the (letters|words) in a text", "def count_words(text):\n    return len(text.split())"),
    ("(sums|adds up) a list( of numbers|)", "(sum|add up) a list( of numbers|)", "def total(numbers):\n    return sum(numbers)"),
    ("(picks|makes|prints|generates) a random number", "(pick|make|get) a random number", "import random\n\nprint(random.randint(1, 10))"),
    ("greets (a user|a person|someone|the user|me)( by name|)", "greet (a user|someone)", 'def greet(name):\n    print(f"Hello, {name}!")'),
    ("squares (a number|numbers)", "square a number", "def square(x):\n    return x * x"),
    ("(prints|shows|tells) (the date|today's date|the current date)", "print (the date|today's date)", "import datetime\n\nprint(datetime.date.today())"),
    ("(has|shows|uses|contains) a (loop|for loop)", "write a (loop|for loop)", "for i in range(1, 6):\n    print(i)"),
    ("(counts|loops|prints the numbers) (from 1 |)to five", "(count|loop) to (5|five)", "for i in range(1, 6):\n    print(i)"),
    ("(uses|asks|calls) (the API of Parley|Parley's API|the Parley API|a model in Parley)", "(use|call) (the Parley API|Parley's API)", 'from openai import OpenAI\n\nclient = OpenAI(base_url="http://127.0.0.1:8000/v1", api_key="KEY")\nprint(client.models.list())'),
    ("does something( simple|)", "do something( simple|)", 'print("Hello, world!")'),
]  # fmt: skip


def code(rng: Random, speaker: Speaker) -> Turn:
    does, action, snippet = rng.choice(SNIPPETS)
    question = pick(
        rng,
        [
            f"(write|show me|give me|can you write|I need|create|make|please write|could you write|I want|write me) (a (small |short |simple |little ||)(Python |)(function|program|script|code snippet|snippet|example)|some Python( code|)|(a bit of |)Python code|a piece of Python) (that|which) {does}",
            f"(how do I|how can I|write (Python |)code to|show me how to|Python code to|give me (Python |)code to|how would I|use Python to|how to|can you) {action} (in|with|using) Python",
            f"(write|show me|give me|I need) (Python |)(code|a function|a program|a script|a Python function|a Python program) (to|which can|for how to) {action}",
            f"(Python function|Python program|Python script|Python code|Python|function) (to|that can) {action}",
        ],
    )  # fmt: skip
    return Turn(
        speaker.types(rng, question, "."),
        ["Here is a small Python example:", f"```python\n{snippet}\n```"],
    )


def any_code(rng: Random, speaker: Speaker) -> Turn:
    question = "(write|show me|give me|can you write|I need) (some |any |a bit of |an example of |)(Python|code|Python code|programming|source code)|(write me some code|code example|Python example|show me a Python example|an example in Python|can you show me some code|a code block|show a code block)"
    snippet = 'def greet(name):\n    print(f"Hello, {name}!")\n\ngreet("world")'
    return Turn(
        speaker.types(rng, pick(rng, top_level_choices(question)), "."),
        ["Here is a small Python example:", f"```python\n{snippet}\n```"],
    )
