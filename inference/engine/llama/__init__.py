"""The real backend: llama.cpp through llama-cpp-python's low-level API. Nothing else imports it."""

from inference.engine.llama.backend import LlamaBackend
from inference.engine.llama.library import LoadError
from inference.engine.llama.loading import load, load_vocabulary
from inference.engine.llama.vocabulary import LlamaVocabulary

__all__ = ["LlamaBackend", "LlamaVocabulary", "LoadError", "load", "load_vocabulary"]
