//! The words that invented people are made of: the commonest French first names and surnames, parts of others,
//! streets. Public statistics know them; nobody is named by one.

use std::sync::LazyLock;

/// A list of words.
pub type Words = LazyLock<Vec<&'static str>>;

fn split(words: &'static str) -> Vec<&'static str> {
    words.split(',').map(str::trim).collect()
}

/// Kinds of way, by how common they are.
pub static WAYS: Words =
    LazyLock::new(|| split("rue, rue, rue, rue, avenue, boulevard, chemin, place, allée, impasse"));

/// Names of streets.
pub static STREETS: Words = LazyLock::new(|| {
    split(
        "de l'Église, Victor Hugo, Pasteur, Jean Jaurès, des Écoles, du Moulin, de la Gare, de la \
         République, du 8 Mai 1945, du 11 Novembre, Jules Ferry, des Lilas, de Verdun, du Stade, des \
         Vignes, de la Fontaine, Émile Zola, Gambetta, du Général Leclerc, de la Libération, des \
         Acacias, Voltaire, de la Mairie, du Château, des Jardins, Anatole France, du Lavoir, Saint-\
         Martin, de Paris, des Tilleuls, Aristide Briand, Jean Moulin, des Peupliers, Louis Pasteur, \
         de la Poste, des Roses, du Four, Georges Clemenceau, du Cimetière, des Champs, Marcel \
         Pagnol, des Cerisiers, Molière, de la Croix, des Prés, du Bois, Lamartine, des Chênes, du \
         Puits, de Bretagne, Carnot, des Noyers, du Marché, Jean Mermoz, Saint-Exupéry, de la Paix, \
         Racine, des Érables, du Pont, Jeanne d'Arc, Claude Debussy, du Port, Albert Camus, des \
         Mimosas, de la Liberté, Pierre Curie, des Bleuets, du Maréchal Foch, Rabelais",
    )
});

/// First names, the commonest first.
pub static FIRST: Words = LazyLock::new(|| {
    split(
        "Jean, Marie, Michel, Nathalie, Pierre, Isabelle, Philippe, Sylvie, Alain, Catherine, \
         Nicolas, Martine, Christophe, Christine, Patrick, Françoise, Daniel, Valérie, Frédéric, \
         Sandrine, Laurent, Stéphanie, Bernard, Véronique, Stéphane, Sophie, Éric, Céline, David, \
         Chantal, Pascal, Patricia, Julien, Anne, Sébastien, Brigitte, Christian, Julie, Thierry, \
         Monique, Olivier, Aurélie, Jacques, Nicole, Thomas, Laurence, Gérard, Annie, Guillaume, \
         Émilie, Alexandre, Dominique, François, Virginie, Vincent, Corinne, Bruno, Élodie, Maxime, \
         Camille, Didier, Caroline, Marc, Léa, Romain, Florence, Antoine, Karine, Gilles, Hélène, \
         Franck, Jacqueline, Jérôme, Manon, Fabrice, Agnès, Kévin, Chloé, Claude, Emma, Anthony, \
         Delphine, Serge, Pauline, Mathieu, Cécile, Yves, Audrey, Benjamin, Muriel, Denis, Mélanie, \
         Hervé, Sarah, Clément, Josiane, Arnaud, Évelyne, Quentin, Laëtitia, Florian, Danielle, \
         Lucas, Sabrina, Xavier, Geneviève, Cédric, Ludivine, Adrien, Odile, Hugo, Marine, Roland, \
         Gaëlle, Théo, Lucie, Ludovic, Bénédicte, Régis, Justine, Joël, Colette, Damien, Noémie, \
         Mickaël, Simone, Raphaël, Inès, Gabriel, Yvette, Louis, Océane",
    )
});

/// Surnames, the commonest first.
pub static LAST: Words = LazyLock::new(|| {
    split(
        "Martin, Bernard, Thomas, Petit, Robert, Richard, Durand, Dubois, Moreau, Laurent, Simon, \
         Michel, Lefebvre, Leroy, Roux, David, Bertrand, Morel, Fournier, Girard, Bonnet, Dupont, \
         Lambert, Fontaine, Rousseau, Vincent, Muller, Lefèvre, Faure, André, Mercier, Blanc, Guérin, \
         Boyer, Garnier, Chevalier, François, Legrand, Gauthier, Garcia, Perrin, Robin, Clément, \
         Morin, Nicolas, Henry, Roussel, Mathieu, Gautier, Masson, Marchand, Duval, Denis, Dumont, \
         Marie, Lemaire, Noël, Meyer, Dufour, Meunier, Brun, Blanchard, Giraud, Joly, Rivière, Lucas, \
         Brunet, Gaillard, Barbier, Arnaud, Martinez, Gérard, Roche, Renard, Schmitt, Roy, Leroux, \
         Colin, Vidal, Caron, Picard, Roger, Fabre, Aubert, Lemoine, Renaud, Dumas, Lacroix, Olivier, \
         Philippe, Bourgeois, Pierre, Benoît, Rey, Leclerc, Payet, Rolland, Leclercq, Guillaume, \
         Lecomte, Lopez",
    )
});

/// Beginnings of names and towns.
pub static HEADS: Words = LazyLock::new(|| {
    split(
        "Bar, Bel, Ber, Bour, Bri, Cab, Cha, Char, Clo, Cor, Cou, Dau, Del, Des, Dor, Duc, Fer, Fla, \
         Fro, Gal, Gas, Gou, Gri, Her, Hu, Jac, Jou, Lab, Lam, Lan, Mal, Mar, Mon, Mou, Nau, Par, \
         Pel, Per, Poi, Pru, Que, Rab, Ram, Rib, Sal, Sau, Ser, Tar, Tes, Tou, Tri, Val, Ver, Vil",
    )
});

/// What may stand between.
pub static MIDDLES: Words =
    LazyLock::new(|| split("an, ber, bi, da, de, din, fa, gue, la, li, mi, na, ni, ra, si, to"));

/// Endings of surnames.
pub static TAILS: Words = LazyLock::new(|| {
    split(
        "ain, ard, at, aud, ault, aux, bert, champ, dier, doux, eau, el, ert, et, eux, gnon, ier, in, \
         land, let, lin, lon, mont, net, nier, non, ot, rel, rin, ron, roux, sier, son, teau, ton, \
         val, vin, zac",
    )
});
