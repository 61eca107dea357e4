# ruff: noqa: E501 (a template reads best on one line)
"""What is true of Parley, and the questions that ask for it.

Each topic has actions ("add a model", put into "how do I …?"), questions that stand alone, and its answers.
The answers follow the README and docs; nothing here may promise what the product does not do.
"""

from dataclasses import dataclass, field
from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import expand, pick

HOW_TO = [
    "(how do I|how can I|how do you|how to|how would I|how does one|how should I|how could I) {}",
    "(where do I|where can I|can I|could I|may I|is there a way to|is it possible to|am I able to) {}",
    "(I want to|I'd like to|I need to|I'm trying to|I would like to|we want to|I have to|I wish to) {}",
    "(tell me how to|show me how to|explain how to|help me|help me to|do you know how to|any idea how to) {}",
    "(what do I do to|what are the steps to|what's the way to|what is the best way to|how do we|how can we) {}",
    "(can you tell me how to|can you explain how to|could you show me how to|please tell me how to) {}",
    "(how can someone|how might I|what must I do to|I don't know how to|I can't find out how to|let me) {}",
    "(what's the easiest way to|what's the quickest way to|how is it done to|how exactly do I|steps to) {}",
    "{}",
]  # fmt: skip

SEE_DOCS = "Please look in the README or the `docs` folder."


@dataclass(frozen=True)
class Topic:
    answers: list[list[str]]
    actions: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def ask(rng: Random, topic: Topic) -> str:
    if topic.actions and (not topic.questions or rng.random() < 0.6):
        return expand(rng, rng.choice(HOW_TO).format(rng.choice(topic.actions)))
    return pick(rng, topic.questions)


PULL = "```bash\npython manage.py pull_model REPO FILENAME\n```"
ADD = "```bash\npython manage.py add_model NAME --path FILE.gguf\n```"
A_MODEL = "(a model|a new model|another model|models|more models|a bigger model|a better model|a real model|a larger model|a smarter model|a different model|other models|an LLM|a new LLM|a GGUF model)"
THE_CHAT = "(a chat|a conversation|this chat|this conversation|my chat|the chat|an old chat|my conversations|chats|a thread|this thread|the conversation|old chats|one of my chats)"
ANSWERING = "(an answer|the answer|a reply|the model|a response|the response|the generation|generating|the output|a long answer|it|the text)"
IN_PARLEY = "(| in Parley| here| on this site| in this app| with Parley|||)"

TOPICS: dict[str, Topic] = {
    "parley": Topic(
        [
            ["**Parley** is a chat platform that you host yourself. It runs GGUF language models with llama.cpp on your own machine, for many users at once.",
             "- It works without the internet.\n- No data leaves the server.\n- A CPU is enough."],
            ["**Parley** is a self-hosted chat platform for many users. It runs GGUF models with llama.cpp on your own machine, and no data leaves the server."],
        ],
        questions=[
            "(what is|what's|what exactly is|explain|describe|tell me about|tell me more about|introduce|what do you know about|can you explain|could you describe) (Parley|this site|this platform|this app|this program|this software|this website|this tool|this product|this thing|this project)",
            "(what does|what can) (Parley|this site|this platform|this app|this program|it|this software) do",
            "(where am I|what is this|what's this|what is this place|what is this site|what is this page|what is all this|what am I looking at)",
            "(give me an overview of|what is the point of|what is the purpose of|what's the use of|summarise|why should I use|why would I use|what makes) (Parley|this app|this platform)( special|)",
            "what (are|can you say about) (the features of Parley|Parley's features|the main features)",
            "what is Parley (for|good for|about|used for)", "so what is Parley( then| anyway|)", "what features does (Parley|this|it) have",
        ],
    ),
    "run": Topic(
        [
            ["Run this in the project's folder:", "```bash\nmake run\n```", "Then open `http://127.0.0.1:8000` in your browser."],
            ["Type `make run` in the project's folder and open `http://127.0.0.1:8000`."],
        ],
        actions=["(start|run|launch|boot|start up|bring up|get going with|set up|install|use|try|get) (Parley|the server|this app|the app|the platform|Parley on my machine|Parley locally|the site|the program|Parley on my computer)", "(start|run) it (locally|on my laptop|at home|myself)"],
        questions=["(which|what) (command|URL|address|port) (starts Parley|does Parley use|is Parley on|runs the server|is it on|do I open)", "(what does|explain) make run( do|)", "what is the address of (Parley|the site|the server)", "installation( instructions|)", "how is Parley (started|installed|launched)", "getting started( with Parley|)", "quick start"],
    ),
    "tests": Topic(
        [["Run `make test` in the project's folder. It sets everything up and runs the tests."]],
        actions=["(run|start|execute|launch|check) (the tests|the test suite|all tests|Parley's tests|the unit tests)", "test (the code|Parley|my changes|the project)"],
        questions=["(are there|does Parley have) (any |)(tests|automated tests|unit tests|a test suite)", "(which|what) command runs the tests", "what does make test do"],
    ),
    "first_admin": Topic(
        [
            ["At the first start the console prints a one-time **set-up link**. Open it to create the first administrator.", "You can also run:", "```bash\npython manage.py createsuperuser\n```"],
            ["Use the one-time set-up link that the server prints at its first start, or run `python manage.py createsuperuser`."],
        ],
        actions=["(create|make|add|get|set up|register|have) (an admin|an administrator|the first admin|the first administrator|a superuser|an admin account|an admin user|a staff account|the first account|the first user|the admin user|a super user)", "(become|be) (an admin|an administrator|staff|a superuser|the admin)"],
        questions=["(where is|what is|I lost) the (set-up|setup) link", "who is the (first |)(admin|administrator)", "what is the (default password|admin password|default login|first login|default user|admin login)", "(the|my) set-up link (is gone|does not work|expired)", "how do I log in the first time", "what does createsuperuser do"],
    ),
    "new_chat": Topic(
        [
            ["Click **New chat** in the sidebar, type your message and press **Enter**."],
            ["Choose **New chat** in the sidebar. Then write in the message box and press Enter."],
        ],
        actions=["(start|open|begin|create|make|have) (a |a new |another |a fresh |the first |an empty |one more )(chat|conversation|dialogue|thread|discussion)", "(start over|begin again|start again|start from scratch|clear the chat)", "chat with (the model|you|an AI)"],
        questions=["where is (the new chat button|new chat)", "where (does one|do you) start (a chat|chatting)", "(new chat|new conversation)", "how does (chatting|a chat) start", "how do I (begin|get started)", "where do I begin"],
    ),
    "send": Topic(
        [
            ["Type in the **Message** box and press **Enter** to send. **Shift+Enter** starts a new line."],
            ["Press **Enter** to send your message. For a line break press **Shift+Enter**."],
        ],
        actions=["(send|submit|post|write|type|enter) (a message|my message|a question|something|text|a prompt|my first message)", "(write|type|make|insert|add|put|start) (a line break|a new line|several lines|more than one line|a newline|two lines|a paragraph|multiple lines|another line|an empty line)( in a message| without sending|)"],
        questions=["(which|what) (key|button) (sends|sends a message|submits)", "what does (enter|the enter key|shift enter|shift+enter) do", "(are there|what are the|which) (keyboard shortcuts|shortcuts|hotkeys)( are there|)", "enter sends (my message|it) too early", "where do I (type|write)( my message| my question|)"],
    ),
    "stop": Topic(
        [
            ["Press **Stop**, which stands in place of **Send** while an answer is being written. The text so far is kept."],
            ["Click **Stop** next to the message box. The answer ends at once, and the text written so far is kept."],
        ],
        actions=["(stop|interrupt|cancel|abort|halt|end|break off|cut off|pause|quit|kill) " + ANSWERING, "(make|get) (it|the model|this thing) (stop|shut up|be quiet|stop talking|stop writing)"],
        questions=["(the model|it|the answer|the AI) (won't stop|keeps talking|does not stop|is writing too much|goes on and on|never ends|is too long|takes too long|keeps going|is talking too much)", "where is the stop button", "what does (stop|the stop button) do", "is the text kept (when|if|after) I (stop|press stop)", "what happens (when|if) I press stop", "can (an answer|a reply|the generation) be (stopped|interrupted|cancelled)", "I want it to stop"],
    ),
    "reload": Topic(
        [
            ["Nothing is lost: the answer goes on while you reload, close the page or open a second tab."],
            ["You can reload the page or open a second tab at any time. The answer goes on where it was."],
        ],
        questions=["what happens (if|when) I (reload|refresh|close|leave) (the page|the tab|this page|my browser|the browser)( during an answer| while it is writing|)", "(can I|may I|is it safe to) (reload|refresh|close the tab|leave the page|close my laptop|open a second tab|use two tabs|open another tab)( while the model writes| during an answer|)", "is the answer lost (if|when) I (reload|close the tab|refresh|lose the connection)", "does (the answer|it) (go on|continue|keep going) (if|when|after) I (reload|close the tab|leave|refresh)", "my (browser|connection|wifi) (crashed|broke|dropped|was lost)( during an answer|)", "can I (open|see|have) the same chat in two (tabs|windows|browsers)"],
    ),
    "rename": Topic(
        [["Open the menu (**⋯**) next to the conversation in the sidebar and choose **Rename**."]],
        actions=["(rename|retitle|change the name of|change the title of|give a name to|give a new title to|edit the title of|name|set the title of|give another name to|relabel) " + THE_CHAT],
        questions=["where is (rename|the rename button)", "can (a chat|chats|a conversation|conversations|titles) be renamed", "the (title|name) of (my|the|this) (chat|conversation) is wrong", "where is the menu of a (chat|conversation)"],
    ),
    "delete": Topic(
        [["Open the menu (**⋯**) next to the conversation in the sidebar and choose **Delete**."]],
        actions=["(delete|remove|erase|get rid of|throw away|discard|destroy|trash|wipe|drop) " + THE_CHAT, "(delete|clear|erase) (my |the |)(chat |)history"],
        questions=["where is (delete|the delete button|the trash)", "can (a chat|chats|a conversation|conversations) be (deleted|removed|erased)", "I (don't need|don't want) (this|that|the) (chat|conversation) any more"],
    ),
    "switch_model": Topic(
        [
            ["Use the **Model** menu beside the message box. Your choice holds for the next message."],
            ["Pick another one in the **Model** menu next to the message box. It holds for the next message."],
        ],
        actions=["(switch|change|choose|pick|select|swap|set) (the model|models|a different model|another model|which model answers|which model I use|my model|between models)( in a chat| for this chat| in the middle of a chat|)", "(use|try|talk to|chat with|ask) (a different model|another model|the other model|the mini model)( in this chat| for the next message|)"],
        questions=["where is the (model menu|model selector|model picker|list of models|model list|model dropdown)", "can (this chat|a chat|I) use (another|a different|more than one) model", "(which|what) models (are there|are available|can I use|do you have|are installed|does Parley have)", "how is the model chosen"],
    ),
    "compare": Topic(
        [["Choose one model in the **Model** menu and send your message, then choose another and send it again. Under each answer you see its speed."]],
        actions=["(compare|test|try|evaluate|benchmark) (two|several|different|many|both|some|) (models|answers|LLMs)( with each other| against each other| side by side|)", "(see|find out|know|tell) which model is (better|faster|best|quicker)"],
        questions=["which model is (better|faster|the best|the fastest)", "(comparison of|comparing|compare) models", "can models be compared", "(what is the difference between|what's the difference between) (the models|the two models|your models)"],
    ),
    "stats": Topic(
        [
            ["Under each answer you see:", "- the number of **tokens**\n- the **seconds** it took\n- **tokens per second**\n- the **time to first token**"],
            ["Look under the answer: it shows tokens, seconds, tokens per second and the time to first token."],
        ],
        actions=["(see|find|show|check|view|measure|know|look up) (the speed|how fast the model is|the tokens per second|how many tokens an answer has|the statistics|the time to first token|how long an answer took|the number of tokens|the token count|the performance|my tokens)"],
        questions=["what (are|do) (the numbers|those numbers|these numbers|the figures|the small numbers) (under|below) (an answer|the answer|each answer|a message)( mean|)", "how fast (are you|is this model|is the model|is it|do you write)", "how many tokens (was that|did you write|per second|did that take|did you use)", "(where is|what is|what's|explain) (the |)(tokens per second|time to first token|TTFT|generation speed|tok/s)", "what does (time to first token|TTFT|tokens per second|tok/s) mean"],
    ),
    "copy": Topic(
        [["Each code block has a **Copy** button in its corner. Click it to copy the code."]],
        actions=["(copy|take over|get|grab|copy out|reuse) (the code|code|a code block|a snippet|the snippet|some code|the Python code)( from an answer| to the clipboard|)"],
        questions=["where is the copy button", "is there a copy button", "what does the copy button do", "can code be copied", "copy (and paste |)the code"],
    ),
    "theme": Topic(
        [["Use the theme switch at the bottom of the sidebar: **dark**, **light** or **system**."]],
        actions=["(switch to|use|turn on|enable|get|activate|change to|set|go to|have) (dark mode|the dark theme|a dark theme|light mode|the light theme|dark colours|night mode|a black background|a white background)", "(change|set|switch|choose) (the |)(theme|colours|appearance|look)"],
        questions=["is there (a dark mode|dark mode|a dark theme|a light theme|a night mode)", "where is the theme( switch|)", "(it's|the page is|this is|the screen is) too (bright|dark)", "(dark mode|dark theme|light mode)", "my eyes hurt"],
    ),
    "many_users": Topic(
        [
            ["Yes, many people can chat at once. Their answers grow together, which is called **continuous batching**."],
            ["Many users can chat at the same time: their answers grow together (**continuous batching**). If all slots are busy, a message waits in a fair queue."],
        ],
        questions=["can (several|many|multiple|more|two|a hundred|ten) (people|users|persons|colleagues) (use|chat with|talk to|share) (Parley|this|it|the model|the server)( at once| together| at the same time|)", "(is|does) (Parley|this|it) (multi-user|for several users|for teams|for many people)", "how many (users|people) can (use Parley|chat|use it)( at once| at the same time|)", "can my (team|family|company|whole office|class|friends) (use it|use Parley|chat here|join)", "(what is|explain|what's|how does) continuous batching( work|)", "what happens when (many|several|two) (people|users) (write|chat|ask) at (once|the same time)", "multi user( support|)"],
    ),
    "queue": Topic(
        [["When all slots are busy, your message waits in a **fair queue**: everybody gets a turn, and nobody can block the others."]],
        questions=["why (is|does) my message (waiting|queued|wait|not answered)", "why (do I|must I|does it) (have to |)wait", "(what is|explain|how does) the (fair |)queue( work|)", "my message is (queued|waiting|in a queue|stuck in the queue)", "what does queued mean", "what (if|happens if|happens when) (all slots are busy|the server is busy|everybody is busy)", "is the queue fair", "(who|which message) is (first|next) in the queue", "why is nothing happening"],
    ),
    "add_model": Topic(
        [
            ["There are two commands. To download a model from a hub:", PULL, "For a file on your disk:", ADD, "Or open **Models** in the admin at `/admin/`."],
            ["Use `python manage.py pull_model REPO FILENAME` to download a model, or `python manage.py add_model NAME --path FILE.gguf` for a file you have. The admin at `/admin/` can do it too, under **Models**."],
        ],
        actions=["(add|install|load|register|get|set up|put in|connect|include|bring in|upload|plug in|run|use|integrate|import) " + A_MODEL + IN_PARLEY, "(use|run|add|load) (my own model|Llama|Mistral|Qwen|Gemma|Phi|DeepSeek|a Llama model|a bigger one|something smarter|Llama 3|a 7B model)" + IN_PARLEY],
        questions=["(where|how) (are|can) (new |)models (be |)(added|installed|registered)", "I want " + A_MODEL, "(adding|installing) " + A_MODEL, "where do (new |)models come from", "can you be replaced( by a better model|)", "how do I (replace|upgrade|improve) (you|this model|the demo model)", "(is there|can I get) (a|any) (smarter|better|bigger|real) model", "how do I make you smarter", "which commands (add|install) models"],
    ),
    "pull_model": Topic(
        [["Run this on the server:", PULL, "`REPO` is the repository on the hub, and `FILENAME` is the `.gguf` file in it."]],
        actions=["(download|pull|fetch|get) (a model|a GGUF|a GGUF file|models|a model file|a bigger model|a model from a hub|a model from the internet|a model from Hugging Face|new models|a Llama model)" + IN_PARLEY],
        questions=["(what does|what is|explain|how does|how do I use) (pull_model|the pull_model command|pull model|manage.py pull_model)( do| work|)", "which command downloads (a model|models)", "can Parley download models", "where can I download (a model|models|GGUF files)"],
    ),
    "add_file": Topic(
        [["Run this on the server:", ADD, "The new model then stands in the **Model** menu."]],
        actions=["(add|load|use|register|open|import|run) (a local file|a GGUF file|a .gguf file|my own GGUF file|a model file|a file from my disk|a local model|a GGUF from disk|the GGUF file I have|a downloaded file)" + IN_PARLEY],
        questions=["(what does|what is|explain|how does|how do I use) (add_model|the add_model command|add model|manage.py add_model)( do| work|)", "I (have|downloaded|got) a (GGUF|.gguf|model) file( on my disk| already|)(, what now|, what do I do with it|. How do I use it|, where does it go|)", "where do I put (my|the|a) (GGUF|model) file", "there is a GGUF on my disk"],
    ),
    "model_env": Topic(
        [["Set the variables `MODEL_REPO` and `MODEL_FILENAME` before the server starts, and it uses that model."]],
        actions=["(set|choose|change|configure) (the default model|the model at start|the start model|a model by environment variable|the model in the environment|the model of the server)"],
        questions=["(what is|what are|what does|explain) (MODEL_REPO|MODEL_FILENAME|MODEL_REPO and MODEL_FILENAME|the model variables)( for| do|)", "(which|what) environment (variable|variables) (set|sets|choose|is for) the model", "can I set the model with an environment variable"],
    ),
    "admin": Topic(
        [
            ["The admin is at `/admin/`. Staff manage users, providers and models there, and see conversations' metadata, generations and usage."],
            ["Open `/admin/` with a staff account. There you find:", "- users\n- providers and models\n- conversations' metadata\n- generations and usage"],
        ],
        actions=["(open|reach|get to|log in to|enter|find|use|see|access|go to|visit) (the admin|the admin page|the admin site|the admin area|the Django admin|the admin panel|the admin interface|the back office|the dashboard|the control panel)", "(manage|add|create|invite|edit|block|remove|delete|list|see) (a user|users|people|accounts|a colleague|another user|a new user|all users|an account for my friend|members)", "(see|check|view|track|find) (the usage|how much is used|all generations|who uses it|usage statistics|the usage of all users)"],
        questions=["where is the (admin|admin page|admin site|admin panel|dashboard|admin area)", "(what is|explain) the (admin|admin site|Django admin|admin panel)( for|)", "what can (an administrator|admins|staff|the admin|an admin) (do|see|manage)", "who can (add|manage|create) (users|models)", "where (are|can I see) (all |)(users|generations|usage|statistics|providers)", "can (staff|admins|the admin|the administrator) read my (chats|messages|conversations)"],
    ),
    "api": Topic(
        [
            ["Yes, there is an **OpenAI-compatible API** at `/v1/`:", '```bash\ncurl http://127.0.0.1:8000/v1/models \\\n  -H "Authorization: Bearer KEY"\n```', "Chats go to `/v1/chat/completions`."],
            ["Parley has an OpenAI-compatible API at `/v1/`, with `/v1/models` and `/v1/chat/completions`. Send your key in the header `Authorization: Bearer KEY`."],
        ],
        actions=["(use|call|reach|access|try|connect to|talk to|query|work with) (the API|Parley's API|the REST API|the HTTP API|an API|the OpenAI API|the endpoints)( from Python| from a script| from my program| with curl|)", "(connect|use|write|call Parley from) (a script|my program|another program|my app|Python|a bot|the OpenAI client)( to Parley| with Parley|)"],
        questions=["(does Parley have|is there|do you have|do you offer) an (API|REST API|HTTP API|interface for programs)", "is (the|your|Parley's) API (compatible with OpenAI|OpenAI compatible|like OpenAI's|compatible)", "(what are|which are|list|where are) (the |)(API |)(endpoints|routes|URLs of the API)", "can (programs|scripts|other apps|my code|a program) (use|talk to|call) (Parley|the models|the model)", "(what is|where is|explain) the (API|OpenAI-compatible API|base URL|chat completions endpoint)", "can I use the openai (library|package|client)", "(API|API docs|OpenAI API)"],
    ),
    "api_key": Topic(
        [
            ["Run this on the server:", "```bash\npython manage.py create_api_key EMAIL --name NAME\n```", "The key is shown only **once**, so copy it. Staff can also make keys in the admin."],
            ["Use `python manage.py create_api_key EMAIL --name NAME`, or the admin. The key is shown only once."],
        ],
        actions=["(create|get|make|generate|obtain|add|issue|request|have|find|see) (an API key|my API key|a new API key|another API key|API keys|a key for the API|a key|an access key|an API token|a bearer token)( for my script| for my app|)"],
        questions=["where (is|are|do I find) (my |the |)API key(s|)", "I need (an API key|a key for the API|an API token)", "(what is|what's|explain) (an |the |)API key( for|)", "(what does|explain) create_api_key( do|)", "can I see my (API |)key again", "which key do I use for the API", "how are API keys (made|created)"],
    ),
    "revoke_key": Topic(
        [
            ["Revoke the key in the admin at `/admin/`, then create a new one with `python manage.py create_api_key EMAIL --name NAME`."],
        ],
        actions=["(delete|revoke|remove|cancel|disable|rotate|get rid of|block|invalidate|replace) (an API key|my API key|the key|an old key|a leaked key|my key|an old API key)"],
        questions=["(my API key|my key|the API key|our key) (leaked|was leaked|was stolen|is public|got stolen|is lost|is gone|was published)", "(I lost|someone stole|someone has|I published|I forgot) my (API |)key(, what now|, what should I do|)", "what (if|do I do if) (a key leaks|I lose my key|my key is stolen)"],
    ),
    "password": Topic(
        [
            ["Click **Forgot password** on the sign-in page and you get a reset mail. By default the mail is printed in the server's console."],
            ["Use **Forgot password** on the sign-in page. It sends a reset mail, which the server prints in its console by default."],
        ],
        actions=["(reset|recover|change|restore|update|renew) (my password|a password|the password|a lost password|my forgotten password|my pass word)", "(get|log|sign) (back |)in without (my |a |the )password"],
        questions=["I (forgot|lost|cannot remember|can't remember|don't know|no longer know) my password", "(forgot password|forgotten password|password reset|lost password)", "where (is|do I find) the (reset mail|password mail|reset email|mail with the link)", "I (did not|didn't|never) get (a|the|any) (reset mail|mail|email)", "my password (is wrong|does not work|doesn't work|is gone)", "I can't (log in|sign in|get in)"],
    ),
    "sign_in": Topic(
        [["You sign in with your **email address** and your password."]],
        actions=["(log in|sign in|login|enter)( to Parley| here| to my account|)"],
        questions=["(what is|what's) my (username|user name|login|login name)", "do I sign in with (a username|my email|my name|a user name)", "(is there|do I need) a username", "what do I (sign in|log in) with", "which (name|email|address) do I (use|enter) to (log in|sign in)"],
    ),
    "scale": Topic(
        [
            ["Set `DATABASE_URL` to a PostgreSQL database and `REDIS_URL` to a Redis server. Then start any number of workers. A docker compose file is included."],
            ["For several machines you need:", "- **PostgreSQL**, by `DATABASE_URL`\n- **Redis**, by `REDIS_URL`\n- any number of **workers**", "A docker compose file is included."],
        ],
        actions=["(run|use|install|deploy|spread|host) (Parley |it |)(on several machines|on many servers|in a cluster|on more than one machine|on two servers|in production|across machines)", "(scale|scale up|scale out|grow) (Parley|it|this|the platform)", "(use|set up|connect|configure|switch to) (PostgreSQL|Postgres|Redis|another database|a bigger database|my own Redis|a real database)", "(run|use|start|deploy with|install with) (docker|docker compose|a container|containers)", "(add|start|run) (more workers|another worker|several workers|workers)"],
        questions=["(does Parley|can Parley|does it|can it) scale", "is there a (docker|docker compose|compose|container) (file|image|set-up)", "(what is|what does|explain) (DATABASE_URL|REDIS_URL)( for| do|)", "(which|what) database (does Parley use|can I use|is used)", "does Parley (support|use|need|work with) (PostgreSQL|Postgres|Redis|docker|SQLite)", "how many workers can I (run|have|start)"],
    ),
    "privacy": Topic(
        [
            ["Yes, it is private: the models run on your own machine, and **no data leaves the server**."],
            ["Everything stays on the server that runs Parley. **No data leaves it**, because the models run there too."],
        ],
        questions=["(is|are) (my data|my chats|my messages|this chat|Parley|my conversations|it|this) (private|safe|secure|confidential|protected)", "(are|is) (my data|my chats|my messages|anything|my text) (sent|shared|uploaded|given|sold) (anywhere|to the cloud|to OpenAI|to anyone|to some company|to others)", "(does|do) (Parley|you|it) (send|share|upload|sell|leak) (my |any |)(data|messages|chats)( to the cloud| to anyone| somewhere|)", "where (is|are) my (data|chats|messages|conversations) (stored|kept|saved|sent)", "what (about|happens to) (privacy|my privacy|my data|my messages)", "who (gets|sees|owns) my data", "(privacy|data protection)", "do you (spy on|track) me"],
    ),
    "offline": Topic(
        [["Yes. Parley works without the internet, because the models run on your own machine."]],
        questions=["(does|can|will) (Parley|this|it) (work|run) (offline|without internet|without the internet|without a network|with no internet|without wifi|on a plane|without a connection)", "(do I need|does it need|does Parley need|is there need for|must I have) (internet|the internet|an internet connection|a network|to be online|wifi)", "(is Parley|are you|am I) (online|offline|connected to the internet)", "what if (I have no internet|the internet is down|I am offline)", "(offline|offline use|offline mode)"],
    ),
    "hardware": Topic(
        [["No, a CPU is enough. Small and quantised models run well on an ordinary computer."]],
        questions=["(do I need|does Parley need|does it need|is there need for|must I have|must I buy) a (GPU|graphics card|fast computer|powerful computer|supercomputer|video card|big machine)", "(can|does|will) (Parley|it|this) (run|work) (on|with) (a CPU|a laptop|an old computer|a small server|only a CPU|my laptop|a normal computer)", "(is|would) a (CPU|laptop|normal computer) (enough|be enough|sufficient)", "(which|what) hardware (do I need|does Parley need|is required|is needed)", "what are the (hardware |system |)requirements", "does it work without a GPU", "what kind of computer do I need"],
    ),
    "slow": Topic(
        [["Large models are slow on a CPU. Try a smaller model, or a smaller quantisation such as `Q4_K_M`. Under each answer you see the tokens per second."]],
        actions=["(make|get) (the model|answers|it|Parley|the answers|generation) (faster|quicker|run faster)", "speed up (the model|Parley|answers|generation)", "(get|have) (faster|quicker) answers"],
        questions=["why (is|are) (the answer|the model|the answers|it|Parley|this|everything) (so |)(slow|taking so long)", "(it|the model|Parley|the answer) is (too |very |so )slow", "(answers take|it takes|this takes) (too long|forever|ages|a long time)", "why does it take so (long|much time)"],
    ),
    "docs": Topic(
        [["Look in the **README** and in the `docs` folder of the project. You can also ask me about Parley."]],
        actions=["(learn|read|find out|know) more( about Parley|)", "(find|read|see|open) (the documentation|the docs|the manual|the README|the user guide|the handbook)"],
        questions=["where (is|are|can I find) (the |)(help|documentation|manual|docs|user guide|README|instructions)", "(is there|do you have) (a manual|documentation|a user guide|a help page|any docs|a README)", "where can I (get|find) (help|support|answers)", "who can help me with Parley", "(documentation|docs|manual)"],
    ),
}  # fmt: skip

UNKNOWN_FEATURES = [
    "(export|download|print|back up|share|archive|pin|search|tag|sort|import|encrypt|translate|merge|publish|email) (my chats|a chat|conversations|my messages|an answer|old chats|the history|all my data)",
    "(upload|attach|send|add|use) (a picture|an image|a PDF|a photo|a document|an attachment|a video|a spreadsheet|an audio file|images)",
    "(use|turn on|enable|set up|get|add|configure) (voice input|plug-ins|plugins|tools|function calling|web search|two-factor sign-in|LDAP|single sign-on|notifications|a mobile app|push messages|a proxy|HTTPS|a TLS certificate|the microphone|webhooks|a Slack bot|backups|quotas|rate limits|logging|metrics|monitoring|fine-tuning|LoRA adapters|embeddings|a vector database|speculative decoding|GPU layers)",
    "(change|set|edit|translate|hide|upload) (my avatar|my profile picture|the language|the language of the menus|the logo|the font|the font size|my email address|the time zone|the sidebar|the welcome text|the colours of the brand)",
    "(edit|regenerate|rate|bookmark|like|fork|quote|highlight|read aloud|undo) (a message|an answer|my last message|the last answer|a reply|an old message)",
    "(update|upgrade|uninstall|move|migrate|customise|extend|contribute to) (Parley|the server|the database|the platform|this app)",
]
UNKNOWN_QUESTIONS = [
    "(does Parley|can Parley|does this app|can it) (support|do|have|offer|handle) (voice|images|plug-ins|plugins|web search|payments|video|PDF files|groups|projects|folders|tools|two-factor sign-in|a mobile app|LDAP|single sign-on|function calling|speech|embeddings|billing|markdown export|webhooks|quotas|themes of my own|fine-tuning|Windows|macOS|ARM)",
    "(is there|do you have|does Parley have) (a mobile app|an app for Android|an iPhone app|a search|an export|a plug-in system|a trash|a calendar|a price list|a forum|a chat group|a bug tracker|a roadmap|a changelog|a Windows version|a prompt library|a desktop app|a browser extension)",
    "(which|what) (licence|license|version|release|programming language|web framework|browsers|operating systems) (does Parley have|does Parley use|is this|is Parley under|does Parley support|is Parley)",
    "(who|which company) (made|wrote|develops|maintains|owns|sells) Parley",
    "(how much does Parley cost|is Parley free|what does Parley cost|is Parley open source|when was Parley made|how old is Parley|what is new in Parley)",
]
UNKNOWN_ANSWERS = [
    ["I'm not sure about that part of Parley.", SEE_DOCS],
    ["I don't know that detail about Parley.", SEE_DOCS],
]


def parley_question(rng: Random, speaker: Speaker) -> Turn:
    topic = TOPICS[rng.choice(list(TOPICS))]
    return Turn(speaker.types(rng, ask(rng, topic)), list(rng.choice(topic.answers)))


def unknown_feature(rng: Random, speaker: Speaker) -> Turn:
    """A question about the product that the model has no true answer to."""
    if rng.random() < 0.6:
        question = expand(rng, rng.choice(HOW_TO).format(rng.choice(UNKNOWN_FEATURES)))
    else:
        question = pick(rng, UNKNOWN_QUESTIONS)
    return Turn(speaker.types(rng, question), list(rng.choice(UNKNOWN_ANSWERS)))
