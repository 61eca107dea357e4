# ruff: noqa: E501 (a template reads best on one line)
"""Short explanations of the words one meets when running language models."""

from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import pick

WHAT_IS = [
    "(what is|what's|what exactly is|what are|so what is|what really is|and what is) {}",
    "(explain|define|describe|please explain|can you explain|could you explain|explain to me) {}( to me| simply| in simple words| in one sentence| briefly|||)",
    "(tell me about|tell me what is|teach me about|I don't understand|I don't get|tell me something about|I want to know about|what about) {}",
    "(what does|what do) {} (mean|do|stand for)( here| in a language model|)",
    "(what is meant by|what do you mean by|what's the meaning of|what is the point of|why do I need|what is the use of|what is the purpose of|what is the definition of) {}",
    "(how does|how do|why is there) {}( work| matter|)",
    "(do you know|do you know what|have you heard of) {}( is| means|)",
    "{}( meaning| explained| definition||)",
]  # fmt: skip

# name -> (ways to say it, other questions, answers)
CONCEPTS: dict[str, tuple[list[str], list[str], list[list[str]]]] = {
    "token": (
        ["a token", "tokens", "the word token", "tokenisation", "tokenization", "a tokeniser"],
        ["how (long|big) is a token", "is a token a word", "how does a model (split|read) (text|words)", "how many letters has a token"],
        [["A **token** is a small piece of text, often a word or a part of a word. A model reads and writes tokens, one after another."]],
    ),
    "context": (
        ["the context length", "context length", "the context window", "a context window", "context size", "the context", "n_ctx"],
        ["how long can (a chat|my message|a conversation|the prompt) be", "why does the model forget( the beginning| things|)", "(what is|how long is) your context( length| window|)", "how much text can (you|a model) read"],
        [["The **context length** is the number of tokens a model can take in at once: the chat so far and the answer. What does not fit is left out, so the model forgets it."]],
    ),
    "temperature": (
        ["temperature", "the temperature", "sampling temperature", "the temperature setting"],
        ["what temperature should I (use|choose|set)", "(what happens with|why use) a (high|low) temperature", "how do I make answers (more|less) (random|creative|predictable)"],
        [["**Temperature** sets how random the answers are. At `0` the model always takes the likeliest token; around `0.7` it varies; far above `1` it rambles."]],
    ),
    "top_p": (
        ["top-p", "top p", "top_p", "nucleus sampling", "the top-p setting"],
        ["what top_p should I (use|choose|set)", "what is the difference between top-p and temperature"],
        [["**Top-p** keeps only the likeliest tokens, just enough of them that their probabilities add up to *p*. With `0.9`, the unlikely rest is never chosen."]],
    ),
    "gguf": (
        ["GGUF", "a GGUF file", "the GGUF format", "GGUF files", "a .gguf file", "the gguf file format"],
        ["(which|what) (file format|model files|model format|formats) (does Parley use|does Parley support|work|are supported)", "what kind of file is a GGUF"],
        [["**GGUF** is the file format of llama.cpp. One file holds the weights of a model, its tokeniser and its chat template."]],
    ),
    "quantisation": (
        ["quantisation", "quantization", "a quantised model", "quantised models", "a quant", "quantising"],
        ["which (quantisation|quantization|quant) should I (use|pick|choose|download|take)", "why are models quantised", "how can a model be made smaller"],
        [["**Quantisation** stores the weights of a model with fewer bits. The model becomes smaller and faster, and a little less exact. `Q4_K_M` is a common choice."]],
    ),
    "q4_k_m": (
        ["Q4_K_M", "q4_k_m", "Q4", "4-bit quantisation", "Q4_K_M quantisation"],
        ["is Q4_K_M (good|enough)", "how (big|good) is (Q4_K_M|a Q4_K_M model)"],
        [["`Q4_K_M` is a quantisation with about **4 to 5 bits** per weight. It is small and fast, loses little quality, and is a common choice for a CPU."]],
    ),
    "q8_0": (
        ["Q8_0", "q8_0", "Q8", "8-bit quantisation", "Q8_0 quantisation"],
        ["is Q8_0 (good|better|enough)", "how (big|good) is (Q8_0|a Q8_0 model)"],
        [["`Q8_0` is a quantisation with about **8 bits** per weight. It is almost as good as the original, at half the size of 16 bits."]],
    ),
    "q4_or_q8": (
        ["the difference between Q4_K_M and Q8_0", "the difference between Q8 and Q4", "Q4_K_M versus Q8_0"],
        ["(which is better, |compare |)(Q4_K_M or Q8_0|Q8_0 or Q4_K_M|Q4 or Q8|Q4 and Q8)", "should I (use|take) (Q4_K_M or Q8_0|Q8_0 or Q4_K_M|Q4 or Q8)"],
        [["`Q8_0` is closer to the original; `Q4_K_M` is about half as big and faster. On a small machine take `Q4_K_M`."]],
    ),
    "system_prompt": (
        ["a system prompt", "the system prompt", "system prompts", "a system message", "the system message"],
        ["how do I tell the model how to behave", "how do I give the model a role", "why use a system prompt"],
        [["A **system prompt** is an instruction that the model reads before the chat. It sets the role, the tone or the rules for all answers."]],
    ),
    "kv_cache": (
        ["the KV cache", "KV cache", "a KV cache", "kv caching", "the key-value cache", "prefix reuse"],
        ["why is the second answer faster", "what does the KV cache (store|hold|save)"],
        [["The **KV cache** keeps what the model has computed for the tokens so far. So each new token costs only its own work, and the next turn of a chat starts fast."]],
    ),
    "streaming": (
        ["streaming", "token streaming", "a streamed answer", "streaming of answers"],
        ["why does the (answer|text) (appear|come) (word by word|bit by bit|piece by piece|slowly)", "why do I see the words one by one"],
        [["**Streaming** means that you see an answer while it is being written, token by token, and need not wait for its end."]],
    ),
    "llama_cpp": (
        ["llama.cpp", "llama cpp", "the llama.cpp library", "llama-cpp", "llamacpp"],
        ["(which|what) (engine|library|runtime) (runs the models|does Parley use|is behind Parley)", "what runs the models"],
        [["**llama.cpp** is a program library that runs language models on ordinary computers, with or without a graphics card. Parley uses it to run GGUF models."]],
    ),
    "llm": (
        ["a language model", "an LLM", "LLM", "large language models", "a large language model", "an AI model", "LLMs"],
        ["how do (language models|LLMs|you) work", "how does a (language model|chatbot|chat model) work", "how do you (think|write|make an answer)"],
        [["A **language model** is a program that has learnt from much text which token comes next. It writes an answer by choosing one token after another."]],
    ),
    "parameter": (
        ["a parameter", "parameters", "the parameters of a model", "weights", "model weights", "7B"],
        ["what does 7B mean", "why do models have so many parameters"],
        [["**Parameters**, or weights, are the numbers that a model has learnt. A `7B` model has seven thousand million of them; I have only a few million."]],
    ),
    "prompt": (
        ["a prompt", "prompts", "prompting", "a good prompt"],
        ["how do I write a (good|better) prompt"],
        [["A **prompt** is the text that you give to a model. A good one says clearly what you want, in which form, and how long."]],
    ),
}  # fmt: skip


def concept(rng: Random, speaker: Speaker) -> Turn:
    names, questions, answers = CONCEPTS[rng.choice(list(CONCEPTS))]
    if rng.random() < 0.7:
        question = pick(rng, [rng.choice(WHAT_IS).format(rng.choice(names))])
    else:
        question = pick(rng, questions)
    return Turn(speaker.types(rng, question), list(rng.choice(answers)))
