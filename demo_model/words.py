"""Word lists: things to copy, to list, to ask for."""


def split(text: str) -> list[str]:
    return text.split()


def phrases(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.replace("\n", " ").split(",")]


FIRST_NAMES = split("""
    Anna Ben Clara David Ella Finn Grace Henry Iris Jack Kate Leo Mia Noah Olga Paul Rosa Sam
    Tina Victor Wendy Yusuf Zoe Omar Lucy Max Nina Oscar Petra Ravi Sara Tom Uma Vera Will
    Ximena Yara Adam Bella Carlos Dora Emil Fatima George Hana Igor Julia Kenji Lena Marco Nadia
    Otto Priya Quentin Rita Stefan Theo Alice Bruno Cora Diego Eva Felix Gina Hugo Ivan Jade
    Karl Lara Milo Nora Pia Ruth Simon Tara Ali Mei Chen Aisha Kofi Amara Ingrid Lars Sven Freya
    Dmitri Katya Ahmed Layla Hassan Rosie Toby Archie Poppy Alfie Mary John Peter Susan Michael
    Linda James Laura Robert Emma Daniel Sophie Thomas Hannah Martin Claire Andrew Helen Philip
    Agnes Walter Edith Nathan Judith""")
PET_NAMES = split("""
    Rex Bella Milo Luna Coco Max Daisy Rocky Ginger Pepper Biscuit Shadow Whiskers Tiger Nala
    Simba Peanut Oreo Ziggy Mango Pickle Waffles Button Smoky Socks Felix Toffee Noodle Bubbles
    Captain Hazel Olive Rusty Scout Willow Misty""")
COLOURS = split("""
    red blue green yellow purple orange pink black white brown grey turquoise violet gold
    silver crimson teal indigo""")
PETS = split("""
    dog cat rabbit hamster parrot goldfish turtle horse snake mouse lizard ferret canary pony
    frog duck""")
CITIES = split("""
    Paris London Berlin Rome Madrid Oslo Lisbon Vienna Prague Dublin Athens Cairo Tokyo Seoul
    Delhi Boston Chicago Toronto Sydney Lima Bogota Nairobi Warsaw Helsinki Zurich Milan Kyoto
    Hanoi Denver Leeds Hamburg Porto Geneva""")
FOODS = split("""
    pizza pasta sushi soup rice bread cheese salad curry tacos pancakes noodles chocolate apples
    strawberries dumplings lasagna burgers falafel ramen""")
JOBS = split("""
    teacher nurse pilot baker farmer doctor painter driver programmer gardener chef writer
    lawyer carpenter plumber musician dentist librarian engineer designer student""")
COMMON_WORDS = split("""
    apple house river cloud stone table green happy light music paper garden window silver
    dragon coffee banana planet winter summer orange pencil rocket forest castle bridge mirror
    candle button basket ladder needle pocket ribbon rabbit tiger monkey flower sugar butter
    hello world good morning night friend dog cat bird fish tree sun moon star rain snow fire
    water earth wind blue red black white small big open close run jump sing dance sleep dream
    walk fast slow book door key lamp chair cup box bell ship train road hill lake sea sand wood
    iron glass bread milk salt tea cake plum pear peach grape lemon melon cherry eggs cheese
    wash call mother write report buy tickets clean kitchen pay bills read email meeting project
    budget plan lunch dinner party gift shoes jacket phone charger camera""")

# Lists are given in this order, from the first: a list in a fixed order does not repeat itself.
LIST_TOPICS: dict[str, list[str]] = {
    "fruits": split("apple banana cherry grape lemon mango orange peach pear plum kiwi strawberry"),
    "animals": split("cat dog horse lion tiger bear wolf fox rabbit elephant giraffe zebra"),
    "colours": split("red blue green yellow purple orange pink black white brown grey violet"),
    "vegetables": split(
        "carrot potato onion tomato pepper cabbage spinach broccoli bean pea leek cucumber"
    ),
    "birds": split("eagle owl robin sparrow crow duck swan parrot penguin pigeon gull hawk"),
    "countries": split(
        "France Spain Italy Germany Japan China India Brazil Canada Mexico Egypt Norway"
    ),
    "cities": split("Paris London Berlin Rome Madrid Tokyo Cairo Oslo Lisbon Vienna Prague Dublin"),
    "planets": split("Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune"),
    "sports": split("football tennis swimming running cycling hockey rugby golf boxing rowing"),
    "tools": split("hammer saw drill wrench screwdriver pliers chisel ladder shovel axe"),
    "instruments": split("piano violin guitar flute drum trumpet cello harp clarinet saxophone"),
    "drinks": split("water tea coffee milk juice lemonade cocoa cider"),
    "flowers": split("rose tulip daisy lily sunflower orchid violet iris poppy daffodil"),
    "trees": split("oak pine birch maple willow ash elm cedar beech spruce"),
    "jobs": split("teacher nurse pilot baker farmer doctor painter driver chef writer"),
    "languages": split(
        "English French Spanish German Italian Japanese Chinese Arabic Hindi Portuguese"
    ),
    "shapes": split("circle square triangle rectangle oval star hexagon diamond"),
    "desserts": split("cake pie pudding brownie cookie custard tart trifle"),
    "pets": split("dog cat rabbit hamster parrot goldfish turtle canary"),
    "clothes": split("shirt trousers jacket shoes hat scarf socks gloves coat dress"),
    "foods": split("bread rice pasta soup cheese salad pizza curry pancakes noodles"),
    "names": split("Anna Ben Clara David Ella Finn Grace Henry Iris Jack"),
    "programming languages": split("Python JavaScript C Java Rust Go Ruby Swift Kotlin Perl"),
    "vehicles": split("car bus train bicycle boat plane truck tram"),
}
LIST_SYNONYMS: dict[str, list[str]] = {
    "colours": ["colors"],
    "sports": ["kinds of sport"],
    "instruments": ["musical instruments"],
    "jobs": ["professions", "occupations"],
    "fruits": ["fruit", "kinds of fruit", "pieces of fruit"],
    "vegetables": ["veggies"],
    "animals": ["different animals", "wild animals"],
    "foods": ["dishes", "things to eat", "meals"],
    "clothes": ["things to wear"],
    "drinks": ["beverages", "things to drink"],
    "desserts": ["sweet things"],
    "names": ["first names"],
    "pets": ["animals to keep at home"],
}
NUMBER_WORDS = split("zero one two three four five six seven eight nine ten eleven twelve")

CAPITALS = dict(
    pair.split(":")
    for pair in split("""
    France:Paris Spain:Madrid Italy:Rome Germany:Berlin Japan:Tokyo Norway:Oslo Egypt:Cairo
    Peru:Lima Portugal:Lisbon Austria:Vienna Ireland:Dublin Greece:Athens Poland:Warsaw
    Finland:Helsinki Sweden:Stockholm Denmark:Copenhagen England:London China:Beijing
    Russia:Moscow Canada:Ottawa Cuba:Havana Kenya:Nairobi Hungary:Budapest Belgium:Brussels
    India:Delhi Turkey:Ankara Thailand:Bangkok Iceland:Reykjavik Scotland:Edinburgh
    Wales:Cardiff""")
)

# --- subjects that the model must own up to knowing nothing of
NOUNS = phrases("""
    volcano, pension, tax return, bicycle chain, black hole, guitar solo, mortgage, kitchen
    sink, passport, camera lens, sourdough, opera, glacier, submarine, headache, car engine,
    election, stock market, novel, telescope, dinosaur, vaccine, inflation, quantum computer,
    chess opening, football league, movie, tomato plant, wedding, lawn, washing machine, solar
    panel, battery, lighthouse, jellyfish, medieval castle, steam engine, cathedral,
    thunderstorm, rainbow, coral reef, tooth, kidney, muscle, atom, enzyme, protein, comet,
    satellite, rocket, airport, visa, hotel, beach, mountain, desert, waterfall, pyramid,
    museum, painting, sculpture, symphony, spreadsheet, router, firewall, printer, keyboard,
    compiler, algorithm, neural network, theorem, equation, prime number, integral, matrix,
    economy, currency, parliament, treaty, revolution, empire, king, queen, president,
    philosopher, pharaoh, knight, pirate ship, whale, spider, beetle, butterfly, cactus,
    mushroom, wine, chocolate cake, sandwich, diet, marathon, yoga class, motorbike, tractor,
    helicopter, tent, campfire, knot, puppy, kitten, aquarium, beehive, greenhouse, fence, roof,
    carpet, sofa, clock, jacket, sweater, job interview, contract, lawsuit, insurance policy,
    budget, loan, startup, invoice, podcast, video game, board game, card trick, crossword,
    birthday party, festival, religion, myth, emotion, alphabet, car, house, computer, heart,
    brain, virus, engine, dress, haircut, holiday, cookie, omelette, drain, sky""")
SUBJECTS = phrases("""
    photosynthesis, gravity, democracy, economics, biology, chemistry, philosophy, history,
    astronomy, electricity, magnetism, evolution, climate change, plate tectonics, blockchain,
    cryptography, machine learning, relativity, thermodynamics, jazz, ballet, cricket, baseball,
    poetry, anatomy, nutrition, meditation, psychology, sociology, geometry, algebra, calculus,
    statistics, genetics, robotics, architecture, fashion, gardening, woodworking, knitting,
    pottery, sailing, surfing, skiing, mathematics, grammar, politics, law, medicine, physics,
    geology, the ocean, the moon, the sun, world war two, the Roman Empire, the Industrial
    Revolution, the French Revolution, the universe, the human brain, the immune system, the
    internet, bitcoin, football, love, money, time, art, music theory, religion, the Bible, the
    Cold War, string theory, dark matter, kubernetes, React, Linux, Java, CSS, SQL, Rust, Excel,
    Windows, the stock market, global warming, the pandemic, artificial intelligence, space
    travel, the Olympics, the world cup""")
PEOPLE = phrases("""
    Napoleon, Cleopatra, Mozart, Einstein, Shakespeare, Julius Caesar, Marie Curie, Isaac
    Newton, Gandhi, Picasso, Beethoven, Galileo, Darwin, Columbus, Plato, Aristotle, Queen
    Victoria, Leonardo da Vinci, Charlie Chaplin, Mark Twain, Jane Austen, Nikola Tesla,
    Copernicus, Socrates, Elon Musk, Barack Obama, Abraham Lincoln, Ada Lovelace, Alan Turing,
    Steve Jobs, Taylor Swift, Madonna, Elvis Presley, Lionel Messi, Serena Williams, Stephen
    King""")
PLACES = split("""
    Mongolia Bolivia Ghana Nepal Chile Texas Bavaria Tuscany Sicily Patagonia Siberia Madagascar
    Tasmania Istanbul Marrakesh Venice Jakarta Manila Dubai Geneva Krakow Bristol Naples Seville
    Montreal Atlanta Glasgow Hamburg Lyon Turin Vietnam Jordan Brazil Australia Mexico Ukraine
    Morocco Ecuador Estonia Uzbekistan Zambia Laos Qatar Oman Colombia Iran Iraq Israel Pakistan
    Bangladesh Nigeria Ethiopia Argentina Korea Malta Cyprus Croatia Serbia Romania Bulgaria
    Latvia Lithuania Armenia Georgia Sudan Angola Uganda Rwanda Fiji Samoa Tonga California
    London Paris""")
ADJECTIVES = split("""
    small big old new cheap broken modern ancient famous electric wooden digital wild tiny giant
    rare common good local foreign healthy dangerous simple complex quiet fast slow dark bright
    cold warm dry wet heavy light deep white Roman French Chinese Greek Italian African""")
VERBS = split("""
    bake fix build grow repair clean paint buy sell cook draw choose design wash plant train
    organise sharpen assemble tie knit fold carve ride drive fly win negotiate plan calculate
    measure solve prove review find protect ship adopt hire feed tune record film hang mend
    polish restore freeze roast boil grill stitch analyse debug compile deploy make eat learn
    teach study treat cure lose open lift invest remove save replace unclog convert""")
LANGUAGES = split("""
    French Spanish German Italian Japanese Latin Greek Polish Dutch Swedish Turkish Arabic
    Hindi Swahili""")
ROLES = phrases("""
    friendly assistant, museum guide, travel agent, wise wizard, patient teacher, robot butler,
    gardener, space explorer, librarian, shop assistant, detective, cheerful barista, support
    agent, tutor, storyteller, sailor, knight, chef, coach""")
TITLE_WORDS = split(
    "shadow garden river king winter glass stone sea house road night summer secret island wolf"
)
